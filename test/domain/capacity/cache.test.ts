import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CacheDecision,
  type CacheLimits,
  type CacheMemory,
  type CacheObservation,
  decideCache,
} from '../../../lambdas/domain/capacity/cache.ts';

const MINUTE = 60_000;
const NAMES = ['gigabytes', 'unitsPerSecond'] as const;
const PLAN = {
  usual: { gigabytes: 5, unitsPerSecond: 20_000 },
  most: { gigabytes: 20, unitsPerSecond: 90_000 },
};

interface Minute {
  readonly gigabytes: number | null;
  readonly unitsPerSecond: number | null;
  readonly isChanging?: boolean;
}

/** What is decided minute by minute, each decision being carried out. */
function play(minutes: readonly Minute[], limits: CacheLimits = PLAN.usual) {
  let memory: CacheMemory | null = null;
  return minutes.map(({ isChanging = false, ...used }, minute) => {
    const seen: CacheObservation = { at: minute * MINUTE, limits, isChanging, used };
    const decision: CacheDecision = decideCache(memory, seen, PLAN);
    memory = decision.memory;
    limits = decision.limits ?? limits;
    return { seen, decision };
  });
}

const quiet = (minutes: number): Minute[] => new Array(minutes).fill({ gigabytes: 0.1, unitsPerSecond: 100 });

describe('the limits of the cache', () => {
  it('are raised by half as soon as three quarters are used, each by itself', () => {
    const [{ decision } = expect.fail()] = play([{ gigabytes: 3.76, unitsPerSecond: 15_000 }]);
    expect(decision.limits).toEqual({ gigabytes: 8, unitsPerSecond: 20_000 });
    expect(decision.gigabytes.reason).toBe('raised');
    expect(decision.unitsPerSecond.reason).toBe('steady');
    expect(decision.sentence).toBe(
      'The cache, which uses 3.76, may have 8 GB instead of 5. The cache may have 20000 units a second, and uses 15000.',
    );
  });

  it('are raised by a gigabyte, or a thousand units, at least', () => {
    const plan = { ...PLAN, usual: { gigabytes: 1, unitsPerSecond: 1000 } };
    const used = { gigabytes: 1, unitsPerSecond: 1000 };
    const seen = { at: 0, limits: plan.usual, isChanging: false, used };
    expect(decideCache(null, seen, plan).limits).toEqual({ gigabytes: 2, unitsPerSecond: 2000 });
  });

  it('end at the most of the stage, and then say so', () => {
    const decisions = play(new Array(6).fill({ gigabytes: 90, unitsPerSecond: 0 }));
    expect(decisions.map(({ decision }) => decision.gigabytes.to)).toEqual([8, 12, 18, 20, 20, 20]);
    expect(decisions.at(-1)?.decision.gigabytes.reason).toBe('at-most');
  });

  it('are lowered by a third after each hour of little use, and not below the usual', () => {
    const decisions = play(quiet(200), PLAN.most);
    const lowered = decisions.filter(({ decision }) => decision.gigabytes.reason === 'lowered');
    expect(lowered.map(({ decision }) => [decision.at / MINUTE, decision.gigabytes.to])).toEqual([
      [60, 14],
      [120, 10],
      [180, 7],
    ]);
  });

  it.each([
    { what: 'one busy minute', minute: { gigabytes: 6.1, unitsPerSecond: 100 } },
    { what: 'a minute of which nothing is known', minute: { gigabytes: null, unitsPerSecond: 100 } },
  ])('have to be little used for another hour after $what', ({ minute }) => {
    const decisions = play([...quiet(59), minute, ...quiet(70)], PLAN.most);
    const first = decisions.find(({ decision }) => decision.gigabytes.reason === 'lowered');
    expect(first?.seen.at).toBe(120 * MINUTE);
  });

  it('stay while they are being changed', () => {
    const [{ decision } = expect.fail()] = play([{ gigabytes: 5, unitsPerSecond: 0, isChanging: true }]);
    expect(decision.limits).toBeNull();
    expect(decision.gigabytes.reason).toBe('changing');
    expect(decision.unitsPerSecond.reason).toBe('steady');
  });

  it('are decided on once at a time', () => {
    const used = { gigabytes: 5, unitsPerSecond: 0 };
    const seen = { at: MINUTE, limits: PLAN.usual, isChanging: false, used };
    const { memory } = decideCache(null, seen, PLAN);
    for (const at of [MINUTE, 0]) {
      const again = decideCache(memory, { ...seen, at }, PLAN);
      expect(again).toMatchObject({ limits: null, gigabytes: { reason: 'repeated' } });
      expect(again.memory).toBe(memory);
    }
  });
});

describe('through any series of observations, the limits of the cache', () => {
  const amount = (most: number) =>
    fc.oneof(
      fc.double({ min: 0, max: most, noNaN: true }),
      // Not much ever, or much.
      fc.double({ min: 0, max: 0.2 * most, noNaN: true }),
      fc.constant(null),
    );
  const minute = fc.record({
    gigabytes: amount(30),
    unitsPerSecond: amount(120_000),
    isChanging: fc.boolean(),
  });
  // Hours of the same, with a little of anything between.
  const stretch = fc.tuple(minute, fc.integer({ min: 1, max: 90 }));
  const series = fc
    .array(stretch, { maxLength: 8 })
    .map((stretches) => stretches.flatMap(([same, length]) => new Array<Minute>(length).fill(same)));
  const start = fc.record({
    gigabytes: fc.integer({ min: 5, max: 20 }),
    unitsPerSecond: fc.integer({ min: 20_000, max: 90_000 }),
  });
  type Step = ReturnType<typeof play>[number];
  /** Of all limits at all times, those that break a rule. */
  const property = (breaks: (name: (typeof NAMES)[number], step: Step, past: readonly Step[]) => boolean) =>
    fc.assert(
      fc.property(series, start, (minutes, limits) => {
        const steps = play(minutes, limits);
        const broken = steps.filter((step, index) =>
          NAMES.some((name) => breaks(name, step, steps.slice(Math.max(0, index - 60), index + 1))),
        );
        expect(broken).toEqual([]);
      }),
      { numRuns: 1000 },
    );

  it('stay between the usual and the most', () => {
    property(
      (
        name,
        {
          decision: {
            [name]: { to },
          },
        },
      ) => to < PLAN.usual[name] || to > PLAN.most[name],
    );
  });

  it('are never lowered to where they would be raised from, nor without an hour of little use', () => {
    property((name, { decision, seen }, hour) => {
      if (decision[name].to >= decision[name].from) return false;
      const wasLow = hour.every((past) => (past.seen.used[name] ?? 1e9) < 0.3 * past.seen.limits[name]);
      return hour.length < 61 || !wasLow || decision[name].to < (seen.used[name] ?? 0) / 0.75;
    });
  });

  it('are raised exactly while more than three quarters are used, and there may be more', () => {
    property((name, { decision, seen }) => {
      const { from, to } = decision[name];
      const isHigh = (seen.used[name] ?? 0) > 0.75 * from;
      const isRaised = to > from;
      if (isRaised !== (isHigh && from < PLAN.most[name] && !seen.isChanging)) return true;
      return to > Math.max(Math.ceil(1.5 * from), from + 1);
    });
  });

  it('are set exactly when one of them changes', () => {
    property((name, { decision }) => {
      const isChange = NAMES.some((either) => decision[either].to !== decision[either].from);
      return isChange ? decision.limits?.[name] !== decision[name].to : decision.limits !== null;
    });
  });

  it('settle under what stays the same', () => {
    fc.assert(
      fc.property(minute, start, (same, limits) => {
        const steps = play(new Array<Minute>(400).fill({ ...same, isChanging: false }), limits);
        for (const name of NAMES) {
          const levels = steps.map(({ decision }) => decision[name].to);
          expect(new Set(levels.slice(-60)).size).toBe(1);
          const isUp = levels.every((level, step) => level >= (levels[step - 1] ?? 0));
          const isDown = levels.every((level, step) => level <= (levels[step - 1] ?? Number.MAX_VALUE));
          expect(isUp || isDown).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
