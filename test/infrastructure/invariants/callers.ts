import {
  type Assembly,
  asList,
  at,
  type Json,
  type LocatedResource,
  resources,
  target,
} from '../template.ts';

const CALLABLE = ['AWS::Lambda::Function', 'AWS::Lambda::Alias'];

/** Who calls what, and in whose name Lambda is asked. */
interface Call {
  readonly by: LocatedResource;
  readonly principal: string;
  /** What names the function or alias, itself or among other things. */
  readonly named: Json;
}

/**
 * Whatever a template has call a function of it is let in, by the name that it calls: a permission of the function is
 * none of its aliases. Without it the caller is deployed, and fails in silence.
 */
export function callersAreLetIn(assembly: Assembly): string[] {
  const permissions = resources(assembly, 'AWS::Lambda::Permission');
  return callsOf(assembly).flatMap(({ by, principal, named }) =>
    calledBy(by, named)
      .filter(
        (called) =>
          !permissions.some(
            ({ stack, resource: { Properties } }) =>
              stack === by.stack &&
              target(Properties['FunctionName']) === called &&
              Properties['Principal'] === principal &&
              isFrom(by, Properties['SourceArn']),
          ),
      )
      .map((called) => `${by.where} is not let in to ${called}`),
  );
}

function callsOf(assembly: Assembly): Call[] {
  const all = (type: string, principal: string, named: (properties: Json) => Json | undefined) =>
    resources(assembly, type).map((by) => ({ by, principal, named: named(by.resource.Properties) ?? null }));
  return [
    ...all('AWS::Events::Rule', 'events.amazonaws.com', (rule) => at(rule, 'Targets')),
    ...all('AWS::CloudWatch::Alarm', 'lambda.alarms.cloudwatch.amazonaws.com', (alarm) =>
      ['AlarmActions', 'OKActions'].flatMap((actions) => asList(at(alarm, actions))),
    ),
    ...all('AWS::ApiGateway::Method', 'apigateway.amazonaws.com', (method) =>
      at(method, 'Integration', 'Uri'),
    ),
    ...all('AWS::ApiGateway::Authorizer', 'apigateway.amazonaws.com', (one) => at(one, 'AuthorizerUri')),
  ];
}

/** Logical ids of the functions and aliases that are named anywhere in a value. */
function calledBy({ stack }: LocatedResource, value: Json): string[] {
  const found = new Set<string>();
  JSON.stringify(value, (_key, part: Json) => {
    const id = target(part) ?? '';
    if (CALLABLE.includes(stack.template.Resources[id]?.Type ?? '')) found.add(id);
    return part;
  });
  return [...found];
}

/** A permission for an API is one for all that it calls; others are for the caller alone. */
function isFrom(by: LocatedResource, source: Json | undefined): boolean {
  if (source === undefined) return false;
  const isApi = by.resource.Type.startsWith('AWS::ApiGateway::');
  return isApi ? JSON.stringify(source).includes(':execute-api:') : target(source) === by.logicalId;
}
