import {
  type Assembly,
  asList,
  at,
  flatten,
  type Json,
  type LocatedResource,
  resources,
} from '../template.ts';

/** How long a name or an ARN is that is only known when it is deployed; ours have some 60 to 110 characters. */
const RESOLVED = 120;

const MOST_RESOURCES = 500;
const MOST_OUTPUTS = 200;
const MOST_TEMPLATE_BYTES = 1_000_000;
/** Of the variables of a function, names and values together. */
const MOST_ENVIRONMENT_BYTES = 4096;
/** Of who may call a function, by one of its versions or aliases. */
const MOST_PERMISSION_BYTES = 20_480;
/** What Lambda writes about a permission besides what it was given. */
const PERMISSION_FRAME_BYTES = 250;
/** Of all inline policies of a role, without white space. */
const MOST_POLICY_BYTES = 10_240;

/** A template as CloudFormation takes it. */
export function templatesFitCloudFormation(assembly: Assembly): string[] {
  return assembly.stacks.flatMap(({ id, template, text }) => {
    const amounts = [
      ['resources', Object.keys(template.Resources).length, MOST_RESOURCES],
      ['outputs', Object.keys(template.Outputs).length, MOST_OUTPUTS],
      ['bytes', text.length, MOST_TEMPLATE_BYTES],
    ] as const;
    return amounts
      .filter(([, amount, most]) => amount > most)
      .map(([what, amount]) => `${id} has ${amount} ${what}`);
  });
}

/** Variables and permissions as Lambda takes them, however long the names in them turn out. */
export function functionsFitLambda(assembly: Assembly): string[] {
  const environments = resources(assembly, 'AWS::Lambda::Function').flatMap(({ where, resource }) => {
    const variables = at(resource.Properties, 'Environment', 'Variables') ?? {};
    const bytes = Object.entries(variables)
      .map(([name, value]) => name.length + lengthOf(value))
      .reduce((sum, each) => sum + each, 0);
    return bytes > MOST_ENVIRONMENT_BYTES ? [`${where} has ${bytes} bytes of variables`] : [];
  });
  const called = Map.groupBy(
    resources(assembly, 'AWS::Lambda::Permission'),
    ({ stack, resource }) => `${stack.id}/${flatten(at(resource.Properties, 'FunctionName'))}`,
  );
  const permissions = [...called].flatMap(([where, statements]) => {
    const bytes = sumOf(statements, ({ Properties }) => PERMISSION_FRAME_BYTES + lengthOf(Properties));
    return bytes > MOST_PERMISSION_BYTES ? [`${where} has ${bytes} bytes of permissions`] : [];
  });
  return [...environments, ...permissions];
}

/** What roles may do as IAM takes it. */
export function rolesFitIam(assembly: Assembly): string[] {
  const policies = resources(assembly, 'AWS::IAM::Policy').flatMap((policy) =>
    asList(at(policy.resource.Properties, 'Roles')).map((role) => ({ role: flatten(role), policy })),
  );
  return [...Map.groupBy(policies, ({ role, policy }) => `${policy.stack.id}/${role}`)].flatMap(
    ([where, attached]) => {
      const bytes = sumOf(
        attached.map(({ policy }) => policy),
        ({ Properties }) => lengthOf(at(Properties, 'PolicyDocument') ?? null),
      );
      return bytes > MOST_POLICY_BYTES ? [`${where} has ${bytes} bytes of policies`] : [];
    },
  );
}

function sumOf(
  located: readonly LocatedResource[],
  bytes: (resource: LocatedResource['resource']) => number,
): number {
  return located.reduce((sum, { resource }) => sum + bytes(resource), 0);
}

/** Characters that a value has at most when its references are resolved. */
function lengthOf(value: Json): number {
  const resolved = JSON.stringify(value, (_key, part: Json) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) && isReference(part)
      ? flatten(part).replace(/\$\{[^}]*\}/g, 'x'.repeat(RESOLVED))
      : part,
  );
  return resolved.length;
}

function isReference(value: Json): boolean {
  const [name, ...others] = Object.keys(value ?? {});
  return others.length === 0 && (name === 'Ref' || name?.startsWith('Fn::') === true);
}
