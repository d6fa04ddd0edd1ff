import type { ApiRequest, Caller } from './exchange.ts';
import { Problem } from './problem.ts';

/** Who asks. @throws Problem `unauthenticated` when nobody is known to */
export function callerOf({ caller }: Pick<ApiRequest, 'caller'>): Caller {
  if (caller !== null) return caller;
  throw new Problem('unauthenticated', 'The request came without a valid token.');
}

/** The tenant whose data a verb may see: the one place that verbs get it from. @throws Problem `unauthenticated` */
export function tenantOf(request: Pick<ApiRequest, 'caller'>): string {
  return callerOf(request).tenant;
}

/** @throws Problem `unauthenticated` or `forbidden` when the token may not do what is asked */
export function assertAllowed({ caller, route }: Pick<ApiRequest, 'caller' | 'route'>): void {
  if (route.scope === 'none') return;
  const { scopes } = callerOf({ caller });
  if (scopes.includes(route.scope)) return;
  throw new Problem('forbidden', `${route.method} ${route.path} needs the scope "${route.scope}".`);
}
