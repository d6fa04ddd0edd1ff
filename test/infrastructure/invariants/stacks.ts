import { type Assembly, asList, at, type Json, type Resource, type StackTemplate } from '../template.ts';

/** No stack can be held back by another: nothing is exported, nothing imported. */
export function stacksAreNotLocked(assembly: Assembly): string[] {
  return assembly.stacks.flatMap(({ id, template }) => {
    const exported = Object.entries(template.Outputs).filter(([, output]) => output.Export !== undefined);
    const findings = exported.map(([name]) => `${id} exports ${name}`);
    if (JSON.stringify(template).includes('Fn::ImportValue')) findings.push(`${id} imports a value`);
    return findings;
  });
}

/** What a stack reads from another exists there, and that one is deployed first. */
export function stackReferencesResolve(assembly: Assembly): string[] {
  return assembly.stacks.flatMap((stack) =>
    Object.values(stack.template.Resources)
      .flatMap(({ Properties }) => stackOutputs(Properties))
      .flatMap((reference) => {
        const producer = assembly.stacks.find((other) => other.stackName === at(reference, 'StackName'));
        const output = String(at(reference, 'OutputName'));
        if (producer?.template.Outputs[output] === undefined)
          return [`${stack.id} reads ${output}, which nobody gives`];
        return comesBefore(assembly, producer.id, stack)
          ? []
          : [`${stack.id} reads ${output} of a later stack`];
      }),
  );
}

function stackOutputs(value: Json): Json[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = at(value, 'Fn::GetStackOutput');
  if (own !== undefined) return [own];
  return (Array.isArray(value) ? value : Object.values(value)).flatMap(stackOutputs);
}

/** The stacks can be put in an order. */
export function stackGraphIsAcyclic(assembly: Assembly): string[] {
  return assembly.stacks
    .filter((stack) => comesBefore(assembly, stack.id, stack))
    .map(({ id }) => `${id} depends on itself`);
}

function comesBefore(
  assembly: Assembly,
  id: string,
  stack: StackTemplate,
  seen = new Set<string>(),
): boolean {
  return stack.dependsOn.some((dependency) => {
    if (dependency === id) return true;
    if (seen.has(dependency)) return false;
    seen.add(dependency);
    const next = assembly.stacks.find((other) => other.id === dependency);
    return next !== undefined && comesBefore(assembly, id, next, seen);
  });
}

/** No template names an account or a Region. */
export function stacksFitAnywhere(assembly: Assembly): string[] {
  return assembly.stacks.flatMap(({ id, environment, text }) => {
    const findings: string[] = [];
    if (environment !== 'aws://unknown-account/unknown-region')
      findings.push(`${id} is bound to ${environment}`);
    const named = text.match(/\b\d{12}\b|\b(?:us|eu|ap|sa|ca|me|af)-(?:[a-z]+-)?[a-z]+-\d\b/g);
    return [...findings, ...(named ?? []).map((name) => `${id} names ${name}`)];
  });
}

/** The resources of a stack can be put in an order, policies of updates included, which name other resources as well. */
export function resourceGraphsAreAcyclic(assembly: Assembly): string[] {
  return assembly.stacks.flatMap(({ id, template: { Resources } }) => {
    const waitsFor = (logicalId: string) => (Resources[logicalId] ? referencesOf(Resources[logicalId]) : []);
    const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
      waitsFor(from).some((next) => {
        if (next === goal) return true;
        if (seen.has(next)) return false;
        seen.add(next);
        return reaches(next, goal, seen);
      });
    return Object.keys(Resources)
      .filter((logicalId) => reaches(logicalId, logicalId))
      .map((logicalId) => `${id}/${logicalId} waits for itself`);
  });
}

function referencesOf({ Properties, UpdatePolicy, DependsOn }: Resource): string[] {
  return [...named(Properties), ...named(UpdatePolicy ?? null), ...asList(DependsOn).map(String)];
}

function named(value: Json): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = at(value, 'Ref') ?? at(value, 'Fn::GetAtt', 0);
  const substituted = String(at(value, 'Fn::Sub') ?? '').matchAll(/\$\{(\w+)/g);
  const inside = (Array.isArray(value) ? value : Object.values(value)).flatMap(named);
  return [
    ...(typeof own === 'string' ? [own] : []),
    ...[...substituted].map(([, name = '']) => name),
    ...inside,
  ];
}
