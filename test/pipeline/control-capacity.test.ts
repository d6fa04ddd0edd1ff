import { describe, expect, it } from 'vitest';
import { type CacheRecord, CONTROLLER_SECONDS } from '../../lambdas/contracts/capacity.ts';
import type { WorkerCaps } from '../../lambdas/domain/capacity/worker-caps.ts';
import { type CacheContext, controlCache, controlWorkers } from '../../lambdas/pipeline/control-capacity.ts';
import { createMemory, createMetrics, createWorkers, FLOOD, MINUTE, QUIET } from './capacity-doubles.ts';

describe('controlling workers', () => {
  it('raises all three caps for a backlog, and lowers them when it is gone', async () => {
    const { context, caps, measured, see } = createWorkers();
    see(FLOOD);
    for (let minute = 0; minute < 4; minute++) await controlWorkers(context, minute * MINUTE);
    expect(caps()).toEqual({ analysis: 100, signature: 50, report: 10 });
    expect(measured).toEqual({ CapacityWanted: 40, CapacityMultiplier: 10, CapacityRaised: 3 });
    see(QUIET);
    for (let minute = 4; minute < 14; minute++) await controlWorkers(context, minute * MINUTE);
    expect(caps()).toEqual({ analysis: 20, signature: 10, report: 2 });
    expect(measured).toEqual({
      CapacityWanted: 2,
      CapacityMultiplier: 2,
      CapacityRaised: 3,
      CapacityLowered: 3,
    });
  });

  it('decides once for a schedule and an alarm of the same time, and not at all for what is late', async () => {
    const { context, caps, see, stored } = createWorkers();
    see(FLOOD);
    await controlWorkers(context, 0);
    expect(await controlWorkers(context, MINUTE)).toMatchObject({ reason: 'raised', to: 4 });
    const { revision } = stored();
    for (const late of [MINUTE, MINUTE - 1, 0]) {
      expect(await controlWorkers(context, late)).toMatchObject({ reason: 'repeated' });
    }
    expect(caps()).toMatchObject({ report: 4 });
    expect(stored().revision).toBe(revision);
  });

  it('lets one act of those who decide at the same moment', async () => {
    const set: WorkerCaps[] = [];
    const { context, see } = createWorkers({ set: async (caps) => void set.push(caps) });
    see(FLOOD);
    await controlWorkers(context, 0);
    const decisions = await Promise.all([
      controlWorkers(context, MINUTE),
      controlWorkers(context, MINUTE + 1),
    ]);
    expect(decisions.filter((decision) => decision === null)).toHaveLength(1);
    expect(set).toEqual([{ analysis: 40, signature: 20, report: 4 }]);
  });

  it('lets nobody decide while caps are set, but for one who was killed over it', async () => {
    const setting = Promise.withResolvers<void>();
    const { context, see, pass, stored } = createWorkers({ set: () => setting.promise });
    see(FLOOD);
    await controlWorkers(context, 0);
    const first = controlWorkers(context, MINUTE);
    await expect.poll(() => stored().heldUntil).not.toBeNull();
    expect(await controlWorkers(context, MINUTE + 5000)).toBeNull();
    pass(CONTROLLER_SECONDS * 1000);
    expect(await controlWorkers(context, MINUTE + 30_000)).toBeNull();
    setting.resolve();
    expect(await first).toMatchObject({ reason: 'raised' });
    expect(stored()).toMatchObject({ heldUntil: null });

    void controlWorkers(
      { ...context, workers: { ...context.workers, set: () => new Promise(() => undefined) } },
      2 * MINUTE,
    );
    await expect.poll(() => stored().heldUntil).not.toBeNull();
    expect(await controlWorkers(context, 2 * MINUTE + 1)).toBeNull();
    pass(MINUTE - 15_000);
    expect(await controlWorkers(context, 3 * MINUTE)).not.toBeNull();
  });

  it('holds nothing when there is nothing to set', async () => {
    const { context, stored } = createWorkers();
    expect(await controlWorkers(context, 0)).toMatchObject({ reason: 'steady' });
    expect(stored()).toMatchObject({ revision: 1, heldUntil: null });
  });

  it('counts what could not be set, leaves it alone for the rest of the minute, and sets it then', async () => {
    let isBroken = true;
    let caps: WorkerCaps = { analysis: 20, signature: 10, report: 2 };
    const otherwise: WorkerCaps[] = [];
    const { context, measured, see, pass } = createWorkers({
      read: async () => ({ caps, isUpdating: false }),
      set: async (wanted, instead) => {
        otherwise.push(instead);
        if (isBroken) throw new Error('no');
        caps = wanted;
      },
    });
    see(FLOOD);
    await controlWorkers(context, 0);
    await expect(controlWorkers(context, MINUTE)).rejects.toThrow('no');
    expect(measured).toEqual({ CapacityWanted: 40, CapacityMultiplier: 2, CapacityFailed: 1 });
    isBroken = false;
    expect(await controlWorkers(context, MINUTE + 1000)).toBeNull();
    pass(MINUTE - 15_000);
    await controlWorkers(context, 2 * MINUTE);
    expect(caps).toEqual({ analysis: 40, signature: 20, report: 4 });
    expect(otherwise).toEqual(new Array(2).fill({ analysis: 20, signature: 10, report: 2 }));
    expect(measured).toMatchObject({ CapacityMultiplier: 4, CapacityRaised: 1, CapacityFailed: 1 });
  });

  it('says when the database holds workers back', async () => {
    const { context, measured, see } = createWorkers();
    see({ ...FLOOD, database: { ...FLOOD.database, writerCpu: 95 } });
    expect(await controlWorkers(context, 0)).toMatchObject({ reason: 'held-back', caps: null });
    expect(measured).toEqual({ CapacityWanted: 40, CapacityMultiplier: 2, CapacityHeldBack: 1 });
  });
});

describe('what is asked about, which costs', () => {
  const HOUR = Array.from({ length: 60 }, (_, minute) => minute * MINUTE);

  it('is the database alone while all is quiet, every five minutes', async () => {
    const { context, asked } = createWorkers();
    for (const at of HOUR) await controlWorkers(context, at);
    expect(asked.flatMap(({ queues }) => queues)).toEqual([]);
    expect(asked.filter(({ isDatabaseAsked }) => isDatabaseAsked)).toHaveLength(12);
  });

  it.each([
    { what: 'waits', messages: { visible: 1, inFlight: 0 } },
    { what: 'is worked on', messages: { visible: 0, inFlight: 1 } },
  ])('is the database, and the queue in which something $what, at once', async ({ messages }) => {
    const { context, asked, see } = createWorkers();
    await controlWorkers(context, MINUTE);
    see({ ...QUIET, queues: { ...QUIET.queues, report: { ...QUIET.queues['report']!, ...messages } } });
    await controlWorkers(context, 2 * MINUTE);
    expect(asked).toEqual([
      { queues: [], isDatabaseAsked: false },
      { queues: ['report'], isDatabaseAsked: true },
    ]);
  });

  it('is the database each minute while there are not as many workers as usual', async () => {
    const { context, asked } = createWorkers({
      read: async () => ({ caps: { analysis: 30, signature: 15, report: 3 }, isUpdating: false }),
    });
    for (const at of HOUR.slice(1, 5)) await controlWorkers(context, at);
    expect(asked).toEqual(new Array(4).fill({ queues: [], isDatabaseAsked: true }));
  });

  it('suffices to give way to a database that suffers, whether anybody works or not, and not to flap', async () => {
    const usual = { analysis: 80, signature: 40, report: 8 };
    let caps: WorkerCaps = usual;
    const made = createWorkers({
      read: async () => ({ caps, isUpdating: false }),
      set: async (wanted) => {
        caps = wanted;
      },
    });
    const context = { ...made.context, plan: { ...made.context.plan, usual: 8 } };
    const suffering = { writerCpu: 99, readerCpu: null, capacity: null, pinned: null };
    made.see({ ...QUIET, database: suffering });
    const levels: number[] = [];
    for (const at of HOUR.slice(1, 30)) levels.push((await controlWorkers(context, at))?.to ?? 0);
    expect(levels.slice(0, 8)).toEqual([8, 8, 8, 8, 6, 4, 3, 2]);
    expect(new Set(levels.slice(8))).toEqual(new Set([2]));
    made.see(QUIET);
    for (const at of HOUR.slice(30, 35)) await controlWorkers(context, at);
    expect(caps).toEqual(usual);
    made.see({ ...FLOOD, database: suffering });
    expect(await controlWorkers(context, 36 * MINUTE)).toMatchObject({ reason: 'protected', to: 6 });
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
    const load = { read: async () => ({ gigabytes: 0.8, unitsPerSecond: 100 }) };
    const { memory, stored } = createMemory<CacheRecord>();
    const { metrics, measured } = createMetrics();
    const cache: CacheContext['cache'] = {
      read: async () => ({ limits, status: 'available', isChanging: false }),
      set: async (wanted) => {
        limits = wanted;
      },
      ...changes,
    };
    return { context: { plan, cache, memory, load, metrics }, limits: () => limits, stored, measured };
  }
  it('raises what is used up, and writes down what it saw for those who cannot ask', async () => {
    const { context, limits, stored, measured } = createCache();
    await controlCache(context, 0);
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
    const decisions = await Promise.all([controlCache(context, 0), controlCache(context, 1)]);
    expect(decisions.filter((decision) => decision === null)).toHaveLength(1);
    expect(await controlCache(context, 0)).toMatchObject({ gigabytes: { reason: 'repeated' } });
    expect(limits().gigabytes).toBe(2);
    expect(stored().revision).toBe(1);
  });

  it('counts what could not be set', async () => {
    const { context, measured } = createCache({ set: () => Promise.reject(new Error('no')) });
    await expect(controlCache(context, 0)).rejects.toThrow('no');
    expect(measured).toEqual({ CapacityFailed: 1 });
  });
});
