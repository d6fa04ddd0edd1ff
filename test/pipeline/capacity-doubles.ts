import { expect } from 'vitest';
import type { DatabaseLoad, QueueLoad } from '../../lambdas/domain/capacity/measures.ts';
import type { WorkerCaps } from '../../lambdas/domain/capacity/worker-caps.ts';
import type { WorkersMemory } from '../../lambdas/domain/capacity/workers.ts';
import type { WorkersContext } from '../../lambdas/pipeline/control-capacity.ts';
import type { LoadContext } from '../../lambdas/pipeline/measure-load.ts';
import type { Asked } from '../../lambdas/ports/capacity-load.ts';
import type { CapacityMemory } from '../../lambdas/ports/capacity-memory.ts';
import type { CapacityWorkers } from '../../lambdas/ports/capacity-workers.ts';

export const MINUTE = 60_000;

export interface SeenLoad {
  readonly queues: Readonly<Record<string, QueueLoad>>;
  readonly database: DatabaseLoad;
}

const EMPTY: QueueLoad = { visible: 0, inFlight: 0, oldestSeconds: 0, meanSeconds: null };
export const QUIET: SeenLoad = {
  queues: { analysis: EMPTY, signature: EMPTY, report: EMPTY },
  database: { writerCpu: 5, readerCpu: null, capacity: 10, pinned: null },
};
export const FLOOD: SeenLoad = {
  ...QUIET,
  queues: { ...QUIET.queues, signature: { ...EMPTY, visible: 12_000, meanSeconds: 1 } },
};

function queue(weight: number) {
  return {
    queueName: 'q',
    queueUrl: 'https://q',
    functionName: 'f',
    mapping: 'm',
    weight,
    promisedWaitSeconds: 120,
  };
}
export const PLAN = {
  least: 2,
  usual: 2,
  most: 10,
  step: 1,
  queues: { analysis: queue(10), signature: queue(5), report: queue(1) },
};

/** One record, as all who decide share it. */
export function createMemory<T>(value: T | null = null) {
  let stored: Awaited<ReturnType<CapacityMemory<T>['read']>> = { value, revision: 0, heldUntil: null };
  const memory: CapacityMemory<T> = {
    read: async () => stored,
    async write(value, revision, heldUntil) {
      if (revision !== stored.revision) return false;
      stored = { value, revision: revision + 1, heldUntil };
      return true;
    },
  };
  return { memory, stored: () => stored };
}

export function createMetrics() {
  const measured: Record<string, number> = {};
  return {
    measured,
    metrics: {
      count: (name: string, value = 1) => {
        measured[name] = (measured[name] ?? 0) + value;
      },
      seconds: () => expect.fail('nothing here takes time'),
      gauge: (name: string, value: number) => {
        measured[name] = value;
      },
    },
  };
}

/** Queues and CloudWatch as they tell a load, of what they are asked. */
export function createMeasuring(seen: () => SeenLoad) {
  const asked: Asked[] = [];
  const unknown: DatabaseLoad = { writerCpu: null, readerCpu: null, capacity: null, pinned: null };
  const measuring: LoadContext = {
    queues: {
      read: async () =>
        Object.fromEntries(
          Object.entries(seen().queues).map(([name, { visible, inFlight }]) => [
            name,
            { visible, hidden: inFlight },
          ]),
        ),
    },
    load: {
      async read(_at, wanted) {
        asked.push(wanted);
        const { queues, database } = seen();
        const tasks = wanted.queues.map((name) => [name, queues[name] ?? expect.fail(name)] as const);
        return { tasks: Object.fromEntries(tasks), database: wanted.isDatabaseAsked ? database : unknown };
      },
    },
  };
  return { asked, measuring };
}

/** Everything that workers are controlled with, and what became of it. `see` says what there is to be seen from now on. */
export function createWorkers(changes: Partial<CapacityWorkers> = {}) {
  let caps: WorkerCaps = { analysis: 20, signature: 10, report: 2 };
  let seen = QUIET;
  let now = 0;
  const { memory, stored } = createMemory<WorkersMemory>();
  const { metrics, measured } = createMetrics();
  const { asked, measuring } = createMeasuring(() => seen);
  const workers: CapacityWorkers = {
    read: async () => ({ caps, isUpdating: false }),
    set: async (wanted) => {
      caps = wanted;
    },
    ...changes,
  };
  const clock = { now: () => now };
  const context: WorkersContext = { plan: PLAN, workers, memory, measuring, metrics, clock };
  return {
    context,
    asked,
    measured,
    stored,
    caps: () => caps,
    see(load: SeenLoad) {
      seen = load;
    },
    pass(milliseconds: number) {
      now += milliseconds;
    },
  };
}
