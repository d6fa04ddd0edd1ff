/** A kind of request of the scaling guide's load test. */
export interface Task {
  readonly name: 'health' | 'small' | 'medium' | 'large';
  /** How often it is sent, in parts of all weights. */
  readonly weight: number;
  /** Observations in its body; null is `GET /health`, which has none. */
  readonly items: number | null;
  /** What the 95th percentile of its response time has to stay below. */
  readonly p95BelowMs: number;
}

/** The guide's tasks with its weights, and the targets of its response times. */
export const TASKS: readonly Task[] = [
  { name: 'health', weight: 3, items: null, p95BelowMs: 200 },
  { name: 'small', weight: 10, items: 10, p95BelowMs: 200 },
  { name: 'medium', weight: 5, items: 100, p95BelowMs: 200 },
  { name: 'large', weight: 1, items: 1000, p95BelowMs: 1000 },
];

const WEIGHTS = TASKS.reduce((sum, { weight }) => sum + weight, 0);

/** @param random a number in [0, 1). @returns a task, each as often as its weight says */
export function pickTask(random: number): Task {
  let left = random * WEIGHTS;
  for (const task of TASKS) {
    left -= task.weight;
    if (left < 0) return task;
  }
  throw new RangeError(`${random} is not in [0, 1).`);
}
