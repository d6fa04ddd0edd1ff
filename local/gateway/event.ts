import { ACCOUNT, arn } from '../account.ts';
import type { Json, JsonObject } from '../assembly/json.ts';
import type { ApiDefinition, MethodDefinition, StageDefinition } from './definition.ts';
import { type GatewayRequest, headerOf } from './request.ts';
import type { RouteMatch } from './route-tree.ts';

/** A request that has found its method. */
export interface RoutedRequest {
  readonly api: ApiDefinition;
  readonly stage: StageDefinition;
  readonly request: GatewayRequest;
  /** Path below the stage. */
  readonly path: string;
  readonly route: RouteMatch<MethodDefinition>;
  readonly method: MethodDefinition;
}

/** ARN of the method as it is called, which an authorizer's policy is held against. */
export function methodArn({ api, stage, request, path }: RoutedRequest): string {
  return executionArn(api, `${stage.name}/${request.method}/${path.replace(/^\//, '')}`);
}

/** ARN of the method as the template has it, which a function's permission is held against. */
export function sourceArn({ api, stage, request, route }: RoutedRequest): string {
  return executionArn(api, `${stage.name}/${request.method}${route.node.path}`);
}

export function executionArn({ id }: Pick<ApiDefinition, 'id'>, rest: string): string {
  return arn('execute-api', `${id}/${rest}`);
}

/** What event and gateway responses know of a request; the authorizer's answer joins it later. */
export function requestContext(
  { api, stage, request }: Pick<RoutedRequest, 'api' | 'stage' | 'request'>,
  route?: RouteMatch<MethodDefinition>,
): JsonObject {
  const domainName = request.host.replace(/:\d+$/, '');
  return {
    accountId: ACCOUNT,
    apiId: api.id,
    domainName,
    domainPrefix: domainName.split('.')[0] ?? domainName,
    extendedRequestId: request.id,
    httpMethod: request.method,
    identity: identity(request),
    path: request.path,
    protocol: 'HTTP/1.1',
    requestId: request.id,
    requestTime: commonLogTime(request.receivedAt),
    requestTimeEpoch: request.receivedAt.getTime(),
    ...(route === undefined ? {} : { resourceId: route.node.path, resourcePath: route.node.path }),
    stage: stage.name,
  };
}

/** The parts of a request that functions and request authorizers are told alike. */
export function requestParts(routed: RoutedRequest): JsonObject {
  const { stage, request, path, route } = routed;
  return {
    resource: route.node.path,
    path,
    httpMethod: request.method,
    ...headerParts(request),
    ...queryParts(request),
    pathParameters: orNull({ ...route.parameters }),
    stageVariables: orNull({ ...stage.variables }),
  };
}

/** The event of a Lambda proxy integration, payload version 1.0. */
export function proxyEvent(routed: RoutedRequest, context: JsonObject): JsonObject {
  const { api, request } = routed;
  const isBase64Encoded =
    request.body.length > 0 && isBinary(api, headerOf(request, 'content-type') ?? 'application/json');
  return {
    ...requestParts(routed),
    requestContext: context,
    body: request.body.length === 0 ? null : request.body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

/** Whether a media type is one of those the API takes as bytes. */
export function isBinary({ binaryMediaTypes }: ApiDefinition, mediaType: string): boolean {
  const type = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  return binaryMediaTypes.some(
    (pattern) =>
      pattern === '*/*' ||
      pattern.toLowerCase() === type ||
      (pattern.endsWith('/*') && type.startsWith(pattern.slice(0, -1).toLowerCase())),
  );
}

function headerParts({ headers }: GatewayRequest): JsonObject {
  // Not an object that is added to: a header named like a member of every object would find it there already.
  const byName = Map.groupBy(headers, ([name]) => name);
  const all = Array.from(byName, ([name, pairs]): [string, Json[]] => [
    name,
    pairs.map(([, value]) => value),
  ]);
  return { headers: Object.fromEntries(headers), multiValueHeaders: Object.fromEntries(all) };
}

function queryParts({ query }: GatewayRequest): JsonObject {
  const names = [...new Set(query.keys())];
  const all = Object.fromEntries(names.map((name) => [name, query.getAll(name)]));
  const last = Object.fromEntries(names.map((name) => [name, query.getAll(name).at(-1) ?? '']));
  return { queryStringParameters: orNull(last), multiValueQueryStringParameters: orNull(all) };
}

function orNull(object: JsonObject): JsonObject | null {
  return Object.keys(object).length === 0 ? null : object;
}

function identity(request: GatewayRequest): JsonObject {
  return {
    accessKey: null,
    accountId: null,
    caller: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp: request.sourceIp,
    user: null,
    userAgent: headerOf(request, 'user-agent') ?? null,
    userArn: null,
  };
}

/** `09/Apr/2026:12:34:56 +0000` */
function commonLogTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
