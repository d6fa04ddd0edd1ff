import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { databaseMeasures, ratioOf } from '../../../lambdas/domain/capacity/measures.ts';
import { isExact, type WorkersPlan } from '../../../lambdas/domain/capacity/worker-caps.ts';
import { decideWorkers } from '../../../lambdas/domain/capacity/workers.ts';
import { CALM, idle, MINUTE, type Moment, PLAN, type PlayedStep, play, player } from './play.ts';

/** One with caps that are all numbers of workers, and one with a number of pollers among them. */
const PLANS: readonly WorkersPlan[] = [PLAN, { ...PLAN, least: 4, usual: 12, most: 40, step: 2 }];

const count = fc.oneof(fc.constant(0), fc.integer({ max: 20, min: 0 }), fc.integer({ max: 100_000, min: 0 }));
const load = fc.record({
  visible: count,
  inFlight: count,
  oldestSeconds: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2000 })),
  meanSeconds: fc.option(fc.double({ min: 0.01, max: 100, noNaN: true })),
});
const queues = fc.record({
  analysis: fc.option(load),
  signature: fc.option(load),
  report: fc.option(load),
});
const percent = fc.option(fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 100 })));
const database = fc.record({
  writerCpu: percent,
  readerCpu: percent,
  capacity: percent,
  pinned: fc.option(fc.integer({ min: 0, max: 12 })),
});
const moment = fc.record({ queues, database: fc.oneof(fc.constant(CALM), database) });
/** Milliseconds since the observation before: the schedule's minute, alarms between, repeats, late ones, gaps. */
const gap = fc.oneof(
  { weight: 6, arbitrary: fc.constant(MINUTE) },
  fc.integer({ min: 59_000, max: 61_000 }),
  fc.integer({ min: -90_000, max: MINUTE }),
  fc.constant(0),
  fc.integer({ min: MINUTE, max: 20 * MINUTE }),
);
/** Stretches of the same load, among which there are single moments. */
const series = fc
  .array(fc.tuple(moment, fc.array(fc.tuple(gap, fc.boolean()), { minLength: 1, maxLength: 12 })), {
    maxLength: 8,
  })
  .map((stretches) => {
    let at = 0;
    return stretches.flatMap(([same, looks]) =>
      looks.map(([gapBefore, isUpdating]): Moment => {
        at += gapBefore;
        return { ...same, at, isUpdating: isUpdating && at % 7 === 0 };
      }),
    );
  });

function pressureOf({ seen }: PlayedStep): number {
  return Math.max(0, ...databaseMeasures(seen.database).map(ratioOf));
}

type Rule = (step: PlayedStep, past: readonly PlayedStep[], plan: WorkersPlan) => boolean;

/** @param breaks whether a step breaks a rule, after the steps before it */
function property(breaks: Rule) {
  const run = fc.constantFrom(...PLANS).chain((plan) =>
    fc.record({
      plan: fc.constant(plan),
      start: fc
        .integer({ min: plan.least / plan.step, max: plan.most / plan.step })
        .map((k) => k * plan.step),
      moments: series,
    }),
  );
  fc.assert(
    fc.property(run, ({ plan, start, moments }) => {
      const decided = play(moments, { plan, start }).filter(({ decision }) => decision.reason !== 'repeated');
      expect(decided.filter((step, index) => breaks(step, decided.slice(0, index), plan))).toEqual([]);
    }),
    { numRuns: 1000 },
  );
}

/** The multipliers in force at some moment of the minute before a step, that at its beginning included. */
function minuteBefore({ decision: { at, from } }: PlayedStep, past: readonly PlayedStep[]): number[] {
  const begun = past.findLastIndex(({ decision }) => decision.at <= at - MINUTE);
  const before = begun === -1 ? [past[0]?.decision.from ?? from] : [];
  return [...before, ...past.slice(Math.max(0, begun)).map(({ decision }) => decision.to), from];
}

describe('through any series of observations, workers', () => {
  it('stay between the least and the most, and a multiple of the step', () => {
    property(
      ({ decision: { to } }, _past, { least, most, step }) => to < least || to > most || to % step !== 0,
    );
  });

  it('have caps in the exact proportions of their weights', () => {
    property(
      ({ decision: { caps, from, to } }, _past, plan) =>
        (caps === null) !== (from === to) || (caps !== null && !isExact(caps, to, plan)),
    );
  });

  it('go below the usual only for a database that suffers', () => {
    property((step, _past, { usual }) => {
      const { from, to } = step.decision;
      return to < from && to < usual && pressureOf(step) <= 1;
    });
  });

  it('are not raised, and give way at once, while the database suffers', () => {
    property((step, past, { least, step: size }) => {
      const { from, to, reason } = step.decision;
      const pressure = pressureOf(step);
      if (pressure <= 1) return false;
      if (reason === 'updating') return to !== from;
      // As low as what it bears, or as half of the last minute allows.
      const half = Math.max(...minuteBefore(step, past)) / 2;
      return to > Math.max(least, from / pressure, Math.min(from, size * Math.ceil(half / size)));
    });
  });

  it('are at most doubled, or raised by two, within any minute', () => {
    property((step, past) => {
      const { to, from } = step.decision;
      if (to <= from) return false;
      return minuteBefore(step, past).some((before) => to > Math.max(2 * before, before + 2));
    });
  });

  it('are at most halved within any minute', () => {
    property((step, past) => minuteBefore(step, past).some((before) => step.decision.to < before / 2));
  });

  it('are raised only for what has been wished for during a whole minute', () => {
    property((step, past) => {
      const { to, from, at } = step.decision;
      const begun = past.findLastIndex(({ decision }) => decision.at <= at - MINUTE);
      const lately = [...past.slice(Math.max(0, begun)), step];
      return to > from && lately.some(({ decision }) => decision.wanted !== null && decision.wanted < to);
    });
  });

  it('are lowered below what they were raised to no sooner than after five minutes, but for the database', () => {
    property((step, past) => {
      const { to, from, at } = step.decision;
      if (to >= from || pressureOf(step) > 1) return false;
      return past.some(
        ({ decision }) => decision.reason === 'raised' && decision.to > to && at - decision.at < 5 * MINUTE,
      );
    });
  });

  it('are not moved by the same observation again, nor by an older one', () => {
    fc.assert(
      fc.property(series, fc.nat(), fc.nat(200_000), (moments, pick, age) => {
        const steps = play(moments);
        const step = steps[pick % Math.max(1, steps.length)];
        if (step === undefined) return;
        const { memory, to } = step.decision;
        const again = decideWorkers(memory, { ...step.seen, at: memory.at - age }, PLAN);
        expect(again).toMatchObject({ reason: 'repeated', caps: null });
        expect(again.memory).toBe(memory);
        expect(to).toBe(step.decision.caps === null ? again.to : to);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('workers do not flap', () => {
  /** Where an age just under its target asks for a tenth less every five minutes, it takes two hours. */
  const MINUTES = 180;
  const SETTLED = 30;

  it('under what stays the same, after any past: they move one way, and then no more', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PLANS), series, moment, (plan, past, same) => {
        const step = player({ plan });
        const before = past.map(step);
        const at = Math.max(0, ...before.map(({ seen }) => seen.at));
        const minutes = Array.from({ length: MINUTES }, (_, minute) => at + (minute + 1) * MINUTE);
        const steps = [...before.slice(-1), ...minutes.map((time) => step({ ...same, at: time }))];
        const levels = steps.map(({ decision }) => decision.to);
        expect(new Set(levels.slice(-SETTLED)).size).toBe(1);
        const rises = levels.every((level, step) => level >= (levels[step - 1] ?? 0));
        const falls = levels.every((level, step) => level <= (levels[step - 1] ?? Number.MAX_VALUE));
        expect(rises || falls).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('for a spike of less than a minute within quiet, whatever it is: they do not move at all', () => {
    const looks = fc.array(fc.integer({ min: 0, max: 59_999 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(queues, looks, (spike, moments) => {
        const times = [...new Set(moments)].sort((a, b) => a - b).map((time) => 6 * MINUTE + time);
        const steps = play([
          ...new Array<Moment>(6).fill(idle()),
          ...times.map((at): Moment => ({ ...idle(), queues: spike, at })),
          ...Array.from({ length: 10 }, (_, minute) => ({ ...idle(), at: (7 + minute) * MINUTE })),
        ]);
        expect(new Set(steps.map(({ decision }) => decision.to))).toEqual(new Set([PLAN.usual]));
      }),
      { numRuns: 1000 },
    );
  });

  // Each worker costs the database the same: so many percent for each of k.
  it('where they are what the database suffers from: they find what it bears, and stay there', () => {
    const each = fc.double({ min: 0.5, max: 40, noNaN: true });
    fc.assert(
      fc.property(each, queues, fc.integer({ min: 2, max: 20 }), (cpuOfEach, same, start) => {
        const step = player({ start });
        let multiplier = start;
        const levels = Array.from({ length: MINUTES }, () => {
          const writerCpu = Math.min(100, cpuOfEach * multiplier);
          multiplier = step({ queues: same, database: { ...CALM, writerCpu } }).decision.to;
          return multiplier;
        });
        expect(new Set(levels.slice(-SETTLED)).size).toBe(1);
        expect(multiplier === PLAN.least || cpuOfEach * multiplier <= 80).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
