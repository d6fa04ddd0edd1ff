import { type OperationId, ROUTES, type Route } from '../../lambdas/contracts/routes.ts';
import type { ApiRequest, Caller } from '../../lambdas/http/exchange.ts';

export const CALLER: Caller = {
  tenant: 'acme',
  tokenId: 'tok_01KA0000000000000000000001',
  scopes: ['read', 'write', 'admin'],
  requestsPerMinute: 1200,
};

let made = 0;

/** A request for an operation, of an id of its own. */
export function buildRequest(
  operation: OperationId | Route,
  changes: Partial<ApiRequest> & { json?: unknown } = {},
): ApiRequest {
  const route = typeof operation === 'object' ? operation : routeOf(operation);
  made++;
  const { json, ...own } = changes;
  return {
    route,
    caller: CALLER,
    requestId: `req_${made}`,
    path: route.path,
    parameters: {},
    query: {},
    headers: {},
    body: json === undefined ? new Uint8Array(0) : new TextEncoder().encode(JSON.stringify(json)),
    deadline: Date.now() + 20_000,
    ...own,
  };
}

function routeOf(operationId: OperationId): Route {
  const route = ROUTES.find((one) => one.operationId === operationId);
  if (route === undefined) throw new Error(`There is no operation ${operationId}.`);
  return route;
}

/** Metrics that are only added up. */
export function countingMetrics() {
  const counts = new Map<string, number>();
  return {
    counts,
    count: (name: string, value = 1) => void counts.set(name, (counts.get(name) ?? 0) + value),
  };
}
