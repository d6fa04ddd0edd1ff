import type { Capacity } from '../contracts/api/readiness.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { Problem } from '../http/problem.ts';

/** A dependency: what it is, and a call that fails when it cannot do its work. */
export interface Dependency {
  readonly name: string;
  /** Whether answers are the same without it, only slower. */
  readonly optional: boolean;
  /** Throws, or rejects, what is wrong. */
  readonly check: () => Promise<unknown>;
  /** How much of it there is; null while nobody knows. Whether it is known makes no difference to its state. */
  readonly capacity?: () => Promise<Capacity | null>;
}

export interface ReadinessServices {
  /** What is asked after. */
  readonly dependencies: readonly Dependency[];
  /** Told of what goes wrong meanwhile, which is no business of the caller's. */
  readonly warn: (message: string, error: unknown) => void;
}

const PATIENCE_MS = 3000;

/**
 * State and latency of every dependency, once all that are needed answer.
 *
 * @throws Problem `unavailable` with the same list, while one of them does not
 */
export async function getReadiness(
  { dependencies, warn }: ReadinessServices,
  _request: ApiRequest,
): Promise<ApiResponse> {
  const checks = await Promise.all(dependencies.map((dependency) => stateOf(dependency, warn)));
  const isReady = checks.every(({ state, optional }) => state === 'up' || optional);
  const isWhole = checks.every(({ state }) => state === 'up');
  if (!isReady) {
    throw new Problem('unavailable', 'A part that is needed does not answer.', {
      members: { dependencies: checks },
    });
  }
  return { status: 200, body: { status: isWhole ? 'ok' : 'degraded', dependencies: checks } };
}

async function stateOf({ name, optional, check, capacity }: Dependency, warn: ReadinessServices['warn']) {
  const unknown = (error: unknown) => {
    warn(`It is not known how much there is of the dependency ${name}.`, error);
    return null;
  };
  const down = (error: unknown) => {
    warn(`The dependency ${name} is down.`, error);
    return 'down' as const;
  };
  const started = performance.now();
  const known = capacity === undefined ? null : Promise.race([capacity().catch(unknown), late()]);
  const state = await Promise.race([isUp(check).catch(down), late()]);
  const milliseconds = Math.round((performance.now() - started) * 10) / 10;
  const told = await known;
  const measured = told === null || told === 'late' ? {} : { capacity: told };
  return { name, optional, state, milliseconds, ...measured };
}

async function isUp(check: Dependency['check']): Promise<'up'> {
  await check();
  return 'up';
}

function late(): Promise<'late'> {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS, 'late').unref();
  });
}
