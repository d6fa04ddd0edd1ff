/** Most workers that may run at a time, by the name of their queue. */
export type WorkerCaps = Readonly<Record<string, number>>;

/** What a stage says of its workers. All bounds are values of k: a queue has weight · k workers at most. */
export interface WorkersPlan {
  /** As far as they give way to a database that suffers. */
  readonly least: number;
  /** Where they are while nothing waits. */
  readonly usual: number;
  /** As far as load may raise them. */
  readonly most: number;
  /** k is a multiple of it, as are its bounds: 2 where a cap is a number of pollers with ten workers each. */
  readonly step: number;
  readonly queues: Readonly<Record<string, PlannedQueue>>;
}

interface PlannedQueue {
  readonly weight: number;
  /** Longest a message should wait. */
  readonly promisedWaitSeconds: number;
}

/** Far below the difference of two quotients that matter, far above what floating point adds to one. */
const ROUNDING = 1e-9;

export function capsOf(multiplier: number, { queues }: WorkersPlan): WorkerCaps {
  return Object.fromEntries(Object.entries(queues).map(([name, { weight }]) => [name, weight * multiplier]));
}

/** The largest k within its bounds that no cap is below. */
export function multiplierOf(caps: WorkerCaps, plan: WorkersPlan): number {
  const quotients = Object.entries(plan.queues).map(([name, { weight }]) => (caps[name] ?? 0) / weight);
  return within(plan, roundDown(Math.min(...quotients), plan));
}

export function isExact(caps: WorkerCaps, multiplier: number, plan: WorkersPlan): boolean {
  return Object.entries(capsOf(multiplier, plan)).every(([name, cap]) => caps[name] === cap);
}

export function within({ least, most }: WorkersPlan, multiplier: number): number {
  return Math.min(most, Math.max(least, multiplier));
}

export function roundUp(multiplier: number, { step }: WorkersPlan): number {
  return step * Math.ceil(multiplier / step - ROUNDING);
}

export function roundDown(multiplier: number, { step }: WorkersPlan): number {
  return step * Math.floor(multiplier / step + ROUNDING);
}
