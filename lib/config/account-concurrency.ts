import { WORK_QUEUE_NAMES, workerCap } from './work-queues.ts';

/** What Lambda lets nobody reserve. Functions that run now and then, one at a time, live on it. */
const NEVER_RESERVED = 100;

interface Claims {
  /** Largest k of the workers. */
  readonly workers: { readonly most: number };
  /** Concurrency that functions of the API have for themselves, by function. */
  readonly api: { readonly reserved: Readonly<Record<string, number>> | null };
}

/**
 * Executions that may be under way in an account when everything of a stage is at its most: what the API has for itself,
 * all workers, the calls of the function that stores results, for which workers wait, and what has to stay unreserved.
 */
export function mostConcurrency({ workers: { most }, api }: Claims): number {
  const reserved = sum(Object.values(api.reserved ?? {}));
  const delivering = most;
  const working = sum(WORK_QUEUE_NAMES.map((queue) => workerCap(queue, most))) + delivering;
  const storing = workerCap('analysis', most) + workerCap('report', most);
  return reserved + working + storing + NEVER_RESERVED;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
