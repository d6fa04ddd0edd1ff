import { callOf, substitutions } from './intrinsics.ts';
import { isJsonObject, type Json } from './json.ts';
import type { AssemblyStack } from './read.ts';

interface Node {
  readonly stackName: string;
  readonly logicalId: string;
}

/**
 * Every resource of all stacks after those it refers to or depends on, within its stack and, through outputs, across
 * stacks; templates' order where there is a choice.
 *
 * @throws Error showing the circle when there is one
 */
export function dependencyOrder(stacks: readonly AssemblyStack[]): Node[] {
  const byName = new Map(stacks.map((stack) => [stack.stackName, stack]));
  const ordered: Node[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (stack: AssemblyStack, logicalId: string, path: readonly string[]): void => {
    const name = `${stack.stackName}/${logicalId}`;
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'open')
      throw new Error(`Resources depend on each other: ${[...path, name].join(' → ')}`);
    const resource = stack.template.Resources[logicalId];
    // A parameter or a pseudo parameter.
    if (resource === undefined) return;
    state.set(name, 'open');
    const explicit = [resource.DependsOn ?? []].flat();
    for (const reference of [
      ...explicit.map((id): Reference => ({ resource: id })),
      ...references(resource.Properties),
    ]) {
      follow(stack, reference, [...path, name]);
    }
    state.set(name, 'done');
    ordered.push({ stackName: stack.stackName, logicalId });
  };
  const follow = (stack: AssemblyStack, reference: Reference, path: readonly string[]): void => {
    if ('resource' in reference) {
      visit(stack, reference.resource, path);
      return;
    }
    const other = byName.get(reference.stackName);
    const output = other?.template.Outputs[reference.output];
    if (other === undefined || output === undefined) return;
    for (const inner of references(output.Value)) follow(other, inner, path);
  };
  for (const stack of stacks) {
    for (const logicalId of Object.keys(stack.template.Resources)) visit(stack, logicalId, []);
  }
  return ordered;
}

type Reference = { readonly resource: string } | { readonly stackName: string; readonly output: string };

function references(value: Json): Reference[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (!isJsonObject(value)) return [];
  const call = callOf(value);
  if (call === undefined) return Object.values(value).flatMap(references);
  const { name, argument } = call;
  if (name === 'Ref' && typeof argument === 'string') return [{ resource: argument }];
  if (name === 'Fn::GetAtt') {
    const [resource] = Array.isArray(argument) ? argument : String(argument).split('.');
    return typeof resource === 'string' ? [{ resource }] : [];
  }
  if (name === 'Fn::GetStackOutput' && isJsonObject(argument)) {
    const { StackName, OutputName } = argument;
    return typeof StackName === 'string' && typeof OutputName === 'string'
      ? [{ stackName: StackName, output: OutputName }]
      : [];
  }
  if (name === 'Fn::Sub')
    return [...substituted(argument), ...references(Array.isArray(argument) ? argument : [])];
  return references(argument);
}

function substituted(argument: Json): Reference[] {
  const text = Array.isArray(argument) ? argument[0] : argument;
  if (typeof text !== 'string') return [];
  return substitutions(text).flatMap(({ variable }) =>
    variable === undefined ? [] : [{ resource: variable.split('.')[0] ?? variable }],
  );
}
