import { TASKS, type Task } from './tasks.ts';

/** What came of the requests of one task. */
export interface TaskResult {
  readonly task: Task;
  readonly requests: number;
  /** Requests without the answer 200, by what there was instead: a status or the name of an error. */
  readonly failures: Readonly<Record<string, number>>;
  /** Answers out of the API's cache. */
  readonly cacheHits: number;
  /** Milliseconds until the last byte of the answer; NaN when there was none. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Measurement {
  readonly results: readonly TaskResult[];
  /** Between the first request and the last answer. */
  readonly seconds: number;
  /** Milliseconds that requests were sent later than they should have been, 99th percentile; null with users. */
  readonly late: number | null;
}

/** Adds up what came of requests as the answers arrive. */
export class Tally {
  readonly #times = new Map<Task, number[]>(TASKS.map((task) => [task, []]));
  readonly #failures = new Map<Task, Map<string, number>>(TASKS.map((task) => [task, new Map()]));
  readonly #hits = new Map<Task, number>();

  /** @param outcome `200`, another status, or the name of an error */
  add(task: Task, outcome: string, milliseconds: number, cacheHit: boolean): void {
    if (cacheHit) this.#hits.set(task, (this.#hits.get(task) ?? 0) + 1);
    if (outcome === '200') {
      this.#times.get(task)?.push(milliseconds);
      return;
    }
    const failures = this.#failures.get(task);
    failures?.set(outcome, (failures.get(outcome) ?? 0) + 1);
  }

  results(): TaskResult[] {
    return TASKS.map((task) => {
      const times = Float64Array.from(this.#times.get(task) ?? []).sort();
      const failures = Object.fromEntries(this.#failures.get(task) ?? []);
      const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(times, share));
      return {
        task,
        requests: times.length + sum(failures),
        failures,
        cacheHits: this.#hits.get(task) ?? 0,
        ...{ p50: p50 ?? Number.NaN, p95: p95 ?? Number.NaN, p99: p99 ?? Number.NaN },
      };
    });
  }
}

/** The value that a share of all values does not exceed (nearest rank); NaN of none. */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

export function errorsOf({ failures }: Pick<TaskResult, 'failures'>): number {
  return sum(failures);
}

/** Whether a task met its targets: no errors, and its 95th percentile below what it has to be. Of no requests it did not. */
export function isMet(result: TaskResult): boolean {
  return errorsOf(result) === 0 && result.p95 < result.task.p95BelowMs;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
