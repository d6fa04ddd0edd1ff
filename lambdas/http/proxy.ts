import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import * as z from 'zod';
import type { Route } from '../contracts/routes.ts';
import { ROUTES } from '../contracts/routes.ts';
import { scopesAmong } from '../domain/access/scopes.ts';
import { isCompressible } from './content-encoding.ts';
import type { ApiRequest, Caller } from './exchange.ts';
import type { WireResponse } from './response.ts';

/** The context of the authorizer: API Gateway hands every value on as text. */
const callerSchema = z.object({
  tenant: z.string().min(1),
  tokenId: z.string().min(1),
  scopes: z.string().transform((text) => text.split(' ').filter((scope) => scope !== '')),
  requestsPerMinute: z.coerce.number().int().min(1),
});

/** The parts of an event that make a request; what else is in it concerns API Gateway. */
export type ProxyEvent = Pick<
  APIGatewayProxyEvent,
  | 'httpMethod'
  | 'resource'
  | 'headers'
  | 'multiValueQueryStringParameters'
  | 'pathParameters'
  | 'body'
  | 'isBase64Encoded'
> & {
  readonly requestContext: Pick<APIGatewayProxyEvent['requestContext'], 'authorizer' | 'path' | 'requestId'>;
};

/** The route that API Gateway matched; null when the table has none like it. */
export function routeOf({ httpMethod, resource }: Pick<ProxyEvent, 'httpMethod' | 'resource'>): Route | null {
  return ROUTES.find(({ method, path }) => method === httpMethod && path === resource) ?? null;
}

/**
 * A request out of an event of API Gateway (REST API, payload format 1.0).
 *
 * @throws ZodError when the authorizer's context is not one of ours
 */
export function requestOf(
  event: ProxyEvent,
  own: Pick<ApiRequest, 'route' | 'requestId' | 'deadline'>,
): ApiRequest {
  return {
    ...own,
    caller: callerOf(event),
    path: event.requestContext.path,
    parameters: defined(event.pathParameters ?? {}),
    query: defined(event.multiValueQueryStringParameters ?? {}),
    headers: headersOf(event),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** The headers of a request by lower-case name. */
export function headersOf({ headers }: Pick<ProxyEvent, 'headers'>): Record<string, string> {
  const given = Object.entries(defined(headers ?? {}));
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value]));
}

/** An answer as API Gateway takes it. Text goes as it is, since base64 makes a third more of it. */
export function proxyResultOf({ status, headers, body }: WireResponse): APIGatewayProxyResult {
  const isText = isCompressible(headers['Content-Type'] ?? 'text/plain') && !('Content-Encoding' in headers);
  return {
    statusCode: status,
    headers: { ...headers },
    body: Buffer.from(body).toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  };
}

function callerOf({ requestContext }: ProxyEvent): Caller | null {
  if (requestContext.authorizer?.['tenant'] === undefined) return null;
  const { scopes, ...caller } = callerSchema.parse(requestContext.authorizer);
  return { ...caller, scopes: scopesAmong(scopes) };
}

function defined<T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
  const given = Object.entries(values).filter((entry): entry is [string, T] => entry[1] !== undefined);
  return Object.fromEntries(given);
}
