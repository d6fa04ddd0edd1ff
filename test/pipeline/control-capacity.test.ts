import { describe, expect, it } from 'vitest';
import type { CacheRecord } from '../../lambdas/contracts/capacity.ts';
import type { QueueLoad } from '../../lambdas/domain/capacity/measures.ts';
import type { WorkerCaps } from '../../lambdas/domain/capacity/worker-caps.ts';
import type { WorkersMemory } from '../../lambdas/domain/capacity/workers.ts';
import {
  type CacheContext,
  controlCache,
  controlWorkers,
  type WorkersContext,
} from '../../lambdas/pipeline/control-capacity.ts';
import type { Load } from '../../lambdas/ports/capacity-load.ts';
import type { CapacityMemory } from '../../lambdas/ports/capacity-memory.ts';
import type { CapacityWorkers } from '../../lambdas/ports/capacity-workers.ts';

const MINUTE = 60_000;
const EMPTY: QueueLoad = { visible: 0, inFlight: 0, oldestSeconds: 0, meanSeconds: null };
const QUIET: Load = {
  queues: { analysis: EMPTY, signature: EMPTY, report: EMPTY },
  database: { writerCpu: 5, readerCpu: null, capacity: 10, pinned: null },
  cache: { gigabytes: 1, unitsPerSecond: 100 },
};
const FLOOD: Load = {
  ...QUIET,
  queues: { ...QUIET.queues, signature: { ...EMPTY, visible: 12_000, meanSeconds: 1 } },
};

function queue(weight: number) {
  return { queueName: 'q', functionName: 'f', mapping: 'm', weight, promisedWaitSeconds: 120 };
}
const PLAN = {
  least: 2,
  usual: 2,
  most: 10,
  step: 1,
  queues: { analysis: queue(10), signature: queue(5), report: queue(1) },
};

/** One record, as all who decide share it. */
function createMemory<T>() {
  let stored: { value: T | null; revision: number } = { value: null, revision: 0 };
  const memory: CapacityMemory<T> = {
    read: async () => stored,
    async write(value, revision) {
      if (revision !== stored.revision) return false;
      stored = { value, revision: revision + 1 };
      return true;
    },
  };
  return { memory, stored: () => stored };
}

function createMetrics() {
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

function createWorkers(changes: Partial<CapacityWorkers> = {}) {
  let caps: WorkerCaps = { analysis: 20, signature: 10, report: 2 };
  const { memory, stored } = createMemory<WorkersMemory>();
  const { metrics, measured } = createMetrics();
  const workers: CapacityWorkers = {
    read: async () => ({ caps, isUpdating: false }),
    set: async (wanted) => {
      caps = wanted;
    },
    ...changes,
  };
  const context: WorkersContext = { plan: PLAN, workers, memory, metrics };
  return { context, caps: () => caps, stored, measured };
}

describe('controlling workers', () => {
  it('raises all three caps for a backlog, and lowers them when it is gone', async () => {
    const { context, caps, measured } = createWorkers();
    for (let minute = 0; minute < 4; minute++) await controlWorkers(context, minute * MINUTE, FLOOD);
    expect(caps()).toEqual({ analysis: 100, signature: 50, report: 10 });
    expect(measured).toEqual({ CapacityWanted: 40, CapacityMultiplier: 10, CapacityRaised: 3 });
    for (let minute = 4; minute < 14; minute++) await controlWorkers(context, minute * MINUTE, QUIET);
    expect(caps()).toEqual({ analysis: 20, signature: 10, report: 2 });
    expect(measured).toEqual({
      CapacityWanted: 2,
      CapacityMultiplier: 2,
      CapacityRaised: 3,
      CapacityLowered: 3,
    });
  });

  it('decides once for a schedule and an alarm of the same time, and not at all for what is late', async () => {
    const { context, caps, stored } = createWorkers();
    await controlWorkers(context, 0, FLOOD);
    expect(await controlWorkers(context, MINUTE, FLOOD)).toMatchObject({ reason: 'raised', to: 4 });
    const { revision } = stored();
    for (const late of [MINUTE, MINUTE - 1, 0]) {
      expect(await controlWorkers(context, late, FLOOD)).toMatchObject({ reason: 'repeated' });
    }
    expect(caps()).toMatchObject({ report: 4 });
    expect(stored().revision).toBe(revision);
  });

  it('lets one act of those who decide at the same moment', async () => {
    const set: WorkerCaps[] = [];
    const { context } = createWorkers({ set: async (caps) => void set.push(caps) });
    await controlWorkers(context, 0, FLOOD);
    const decisions = await Promise.all([
      controlWorkers(context, MINUTE, FLOOD),
      controlWorkers(context, MINUTE + 1, FLOOD),
    ]);
    expect(decisions.filter((decision) => decision === null)).toHaveLength(1);
    expect(set).toEqual([{ analysis: 40, signature: 20, report: 4 }]);
  });

  it('counts what could not be set, and sets it the next time', async () => {
    let isBroken = true;
    let caps: WorkerCaps = { analysis: 20, signature: 10, report: 2 };
    const { context, measured } = createWorkers({
      read: async () => ({ caps, isUpdating: false }),
      set: async (wanted) => {
        if (isBroken) throw new Error('no');
        caps = wanted;
      },
    });
    await controlWorkers(context, 0, FLOOD);
    await expect(controlWorkers(context, MINUTE, FLOOD)).rejects.toThrow('no');
    expect(measured).toEqual({ CapacityWanted: 40, CapacityMultiplier: 2, CapacityFailed: 1 });
    isBroken = false;
    await controlWorkers(context, 2 * MINUTE, FLOOD);
    expect(caps).toEqual({ analysis: 40, signature: 20, report: 4 });
    expect(measured).toMatchObject({ CapacityMultiplier: 4, CapacityRaised: 1, CapacityFailed: 1 });
  });

  it('says when the database holds workers back', async () => {
    const { context, measured } = createWorkers();
    const suffering = { ...FLOOD, database: { ...FLOOD.database, writerCpu: 95 } };
    expect(await controlWorkers(context, 0, suffering)).toMatchObject({ reason: 'held-back', caps: null });
    expect(measured).toEqual({ CapacityWanted: 40, CapacityMultiplier: 2, CapacityHeldBack: 1 });
  });
});

describe('controlling the cache', () => {
  const plan = {
    name: 'cache',
    usual: { gigabytes: 1, unitsPerSecond: 5000 },
    most: { gigabytes: 5, unitsPerSecond: 30_000 },
  };

  function createCache(changes: Partial<CacheContext['cache']> = {}) {
    let limits = plan.usual;
    const { memory, stored } = createMemory<CacheRecord>();
    const { metrics, measured } = createMetrics();
    const cache: CacheContext['cache'] = {
      read: async () => ({ limits, status: 'available', isChanging: false }),
      set: async (wanted) => {
        limits = wanted;
      },
      ...changes,
    };
    return { context: { plan, cache, memory, metrics }, limits: () => limits, stored, measured };
  }
  const full = { ...QUIET, cache: { gigabytes: 0.8, unitsPerSecond: 100 } };

  it('raises what is used up, and writes down what it saw for those who cannot ask', async () => {
    const { context, limits, stored, measured } = createCache();
    await controlCache(context, 0, full);
    expect(limits()).toEqual({ gigabytes: 2, unitsPerSecond: 5000 });
    expect(stored().value?.state).toEqual({
      status: 'available',
      limits: { gigabytes: 2, unitsPerSecond: 5000 },
      used: { gigabytes: 0.8, unitsPerSecond: 100 },
    });
    expect(measured).toEqual({ CacheGigabytesAllowed: 2, CacheUnitsAllowed: 5000 });
  });

  it('decides once at a time, and one at the same moment', async () => {
    const { context, limits, stored } = createCache();
    const decisions = await Promise.all([controlCache(context, 0, full), controlCache(context, 1, full)]);
    expect(decisions.filter((decision) => decision === null)).toHaveLength(1);
    expect(await controlCache(context, 0, full)).toMatchObject({ gigabytes: { reason: 'repeated' } });
    expect(limits().gigabytes).toBe(2);
    expect(stored().revision).toBe(1);
  });

  it('counts what could not be set', async () => {
    const { context, measured } = createCache({ set: () => Promise.reject(new Error('no')) });
    await expect(controlCache(context, 0, full)).rejects.toThrow('no');
    expect(measured).toEqual({ CapacityFailed: 1 });
  });
});
