import type { OperationId, Route } from '../../lambdas/contracts/routes.ts';
import { ROUTES } from '../../lambdas/contracts/routes.ts';
import type { ApiRequest, Caller } from '../../lambdas/http/exchange.ts';

export const CALLER: Caller = {
  tenant: 'acme',
  tokenId: 'tok_1',
  scopes: ['read', 'write', 'admin'],
  requestsPerMinute: 1200,
};

function routeNamed(operationId: OperationId): Route {
  const route = ROUTES.find((candidate) => candidate.operationId === operationId);
  if (route === undefined) throw new Error(`There is no operation ${operationId}.`);
  return route;
}

/** A request of a tenant, called at the root of a host; its path is filled in from the parameters. */
export function requestFor(operationId: OperationId, changes: Partial<ApiRequest> = {}): ApiRequest {
  const route = routeNamed(operationId);
  const parameters = changes.parameters ?? {};
  return {
    route,
    caller: route.scope === 'none' ? null : CALLER,
    requestId: 'req_01KA0000000000000000000000',
    path: route.path.replace(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? ''),
    parameters,
    query: {},
    headers: {},
    body: new Uint8Array(0),
    deadline: Number.MAX_SAFE_INTEGER,
    ...changes,
  };
}

export function json(body: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(body));
}
