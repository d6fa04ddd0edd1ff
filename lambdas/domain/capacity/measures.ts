import type { WorkerCaps, WorkersPlan } from './worker-caps.ts';

/** What is known of a queue and the workers behind it. */
export interface QueueLoad {
  readonly visible: number;
  readonly inFlight: number;
  readonly oldestSeconds: number;
  /** Mean time that a message takes a worker; null when none was done lately. */
  readonly meanSeconds: number | null;
}

/** What is known of the database: each null where there is no such part, or nothing was heard of it. */
export interface DatabaseLoad {
  /** Percent of the processors that an instance may grow to. */
  readonly writerCpu: number | null;
  readonly readerCpu: number | null;
  /** Percent of the capacity that the writer may grow to. */
  readonly capacity: number | null;
  /** Connections that the proxy cannot share. */
  readonly pinned: number | null;
}

/** Something measured, and the value of it that the workers there are suit. */
export interface Measure {
  readonly name: 'drain' | 'age' | 'busy' | keyof DatabaseLoad;
  /** The queue it is about; null of the database. */
  readonly queue: string | null;
  readonly value: number;
  readonly target: number;
}

export const DRAIN_TARGET_SECONDS = 60;
/** Room for what comes within a minute: the guide's processors are at 70 %. */
const BUSY_TARGET = 0.7;
/** Above these the database suffers; its alarms ring there too. */
export const DATABASE_TARGETS: Readonly<Record<keyof DatabaseLoad, number>> = {
  writerCpu: 80,
  readerCpu: 80,
  // As good as all that it may have: it cannot grow into more work.
  capacity: 99,
  pinned: 10,
};

/**
 * What speaks for more workers, or for fewer. How long the oldest message has waited counts only while others wait for a
 * worker: one that is being worked on, or comes again after a failure, is not sooner done by more of them.
 *
 * @param caps that were in force meanwhile
 * @param loads without a queue, or null, where nothing is known of it, and then nothing waits
 */
export function measuresOf(
  loads: Readonly<Record<string, QueueLoad | null>>,
  caps: WorkerCaps,
  { queues }: WorkersPlan,
): Measure[] {
  return Object.entries(queues).flatMap(([queue, { promisedWaitSeconds }]) => {
    const load = loads[queue] ?? null;
    const cap = caps[queue] ?? 0;
    if (load === null || cap === 0) return [];
    const { visible, inFlight, oldestSeconds, meanSeconds } = load;
    const busy: Measure = {
      name: 'busy',
      queue,
      value: Math.min(1, inFlight / cap),
      target: BUSY_TARGET,
    };
    const drain: Measure = {
      name: 'drain',
      queue,
      value: ((visible + inFlight) * (meanSeconds ?? 0)) / cap,
      target: DRAIN_TARGET_SECONDS,
    };
    const age: Measure = {
      name: 'age',
      queue,
      value: visible > 0 ? oldestSeconds : 0,
      target: promisedWaitSeconds / 2,
    };
    return [drain, age, busy];
  });
}

/** How near the database is to suffering, by each of its parts. */
export function databaseMeasures(load: DatabaseLoad): Measure[] {
  const parts = ['writerCpu', 'readerCpu', 'capacity', 'pinned'] as const;
  return parts.flatMap((name) => {
    const value = load[name];
    return value === null ? [] : [{ name, queue: null, value, target: DATABASE_TARGETS[name] }];
  });
}

export function ratioOf({ value, target }: Measure): number {
  return value / target;
}

/** The measure furthest beyond its target; null of none. */
export function heaviest(measures: readonly Measure[]): Measure | null {
  return measures.reduce<Measure | null>(
    (most, measure) => (most === null || ratioOf(measure) > ratioOf(most) ? measure : most),
    null,
  );
}
