import { describe, expect, it } from 'vitest';
import type { DatabaseLoad } from '../../../lambdas/domain/capacity/measures.ts';
import { decideWorkers } from '../../../lambdas/domain/capacity/workers.ts';
import { busy, CALM, idle, MINUTE, observe, PLAN, play, waiting } from './play.ts';

const minutes = (count: number, moment: ReturnType<typeof idle>) => new Array(count).fill(moment);
const levels = (steps: ReturnType<typeof play>) => steps.map(({ decision }) => decision.to);
const reasons = (steps: ReturnType<typeof play>) => steps.map(({ decision }) => decision.reason);

describe('workers', () => {
  it('stay as usual while nothing waits', () => {
    const steps = play(minutes(10, idle()));
    expect(levels(steps)).toEqual(new Array(10).fill(8));
    expect(new Set(reasons(steps))).toEqual(new Set(['steady']));
    expect(steps.every(({ decision }) => decision.caps === null)).toBe(true);
  });

  it('are doubled a minute once a backlog has been there for one, up to the most', () => {
    // 40 scanners and 12,000 tasks of a second: five minutes, where one is allowed.
    const steps = play(minutes(5, waiting('signature', { visible: 12_000, meanSeconds: 1 })));
    expect(levels(steps)).toEqual([8, 16, 20, 20, 20]);
    expect(reasons(steps)).toEqual(['waiting', 'raised', 'raised', 'at-most', 'at-most']);
    expect(steps[1]?.decision).toMatchObject({
      caps: { analysis: 160, signature: 80, report: 16 },
      wanted: 40,
      sentence: 'Workers are raised from 8 to 16, of 40: the signature queue takes 300 s to drain, of 60 s.',
    });
  });

  it('are raised by two a minute where that is more than the double', () => {
    const plan = { ...PLAN, least: 1, usual: 1 };
    const steps = play(minutes(4, waiting('report', { visible: 1000, meanSeconds: 1 })), { plan });
    expect(levels(steps)).toEqual([1, 3, 6, 12]);
  });

  it('are halved a minute, once nothing has asked for more for five', () => {
    const plan = { ...PLAN, usual: 2 };
    const flood = minutes(6, waiting('signature', { visible: 12_000, meanSeconds: 1 }));
    const steps = play([...flood, ...minutes(10, idle())], { plan });
    expect(levels(steps)).toEqual([2, 4, 8, 16, 20, 20, 20, 20, 20, 20, 20, 10, 5, 3, 2, 2]);
    expect(steps[11]?.decision).toMatchObject({
      reason: 'lowered',
      sentence:
        'Workers are lowered from 20 to 10: for five minutes no more was asked for; the analysis queue takes 0 s to drain, of 60 s.',
    });
  });

  it('stay within a tenth of what suits them', () => {
    // 2,592 tasks of a second are 64.8 s for 40 scanners, 2,640 are 66, and 2,641 more.
    for (const visible of [2592, 2640]) {
      const steps = play(minutes(3, waiting('signature', { visible, meanSeconds: 1 })));
      expect(levels(steps)).toEqual([8, 8, 8]);
    }
    const steps = play(minutes(3, waiting('signature', { visible: 2641, meanSeconds: 1 })));
    expect(levels(steps)).toEqual([8, 9, 9]);
  });

  it('are raised for a message that waits longer than half of what is promised', () => {
    const steps = play(minutes(2, waiting('report', { visible: 1, oldestSeconds: 90 })));
    expect(steps[1]?.decision).toMatchObject({
      to: 12,
      sentence:
        'Workers are raised from 8 to 12, of 12: a message has waited 90 s in the report queue, of 60 s.',
    });
  });

  it.each([
    { what: 'a backlog', moment: waiting('signature', { visible: 60_000, meanSeconds: 1 }), wanted: 200 },
    {
      what: 'a backlog nobody plans for',
      moment: waiting('report', { visible: 1e9, meanSeconds: 1 }),
      wanted: 200,
    },
    {
      what: 'a backlog of which an hour waits',
      moment: waiting('signature', { visible: 9000, meanSeconds: 1, oldestSeconds: 3600 }),
      wanted: 30,
    },
    {
      what: 'a wait of days, by all there may be',
      moment: waiting('report', { visible: 1, oldestSeconds: 200_000 }),
      wanted: 20,
    },
    {
      what: 'a wait of days, with all there may be',
      moment: waiting('report', { visible: 1, oldestSeconds: 200_000 }),
      start: 20,
      wanted: 40,
    },
    { what: 'workers that are all busy', moment: busy('analysis', 80), wanted: 12 },
  ])('want what would be enough for $what: $wanted', ({ moment, wanted, start = 8 }) => {
    const [{ decision } = expect.fail()] = play([moment], { start });
    expect(decision.wanted).toBe(wanted);
  });

  it('are not raised for a message that is being worked on, however old it is', () => {
    const steps = play(minutes(5, waiting('signature', { visible: 0, inFlight: 1, oldestSeconds: 5000 })));
    expect(levels(steps)).toEqual([8, 8, 8, 8, 8]);
  });

  it('are raised when most of them are busy', () => {
    const steps = play(minutes(3, busy('analysis', 80)));
    expect(levels(steps)).toEqual([8, 12, 12]);
    expect(steps[1]?.decision.sentence).toContain(
      '100 % of the workers of the analysis queue are busy, of 70 %',
    );
  });

  it('come as often as the step says, with pollers of ten workers each', () => {
    const plan = { ...PLAN, least: 4, usual: 20, most: 40, step: 2 };
    const steps = play(minutes(3, waiting('signature', { visible: 6650, meanSeconds: 1 })), { plan });
    // 22.2 of them.
    expect(levels(steps)).toEqual([20, 24, 24]);
  });

  it('stay, and remember no wish, while nothing is known of anything', () => {
    const nothing = { queues: { analysis: null, signature: null, report: null }, database: CALM };
    const flood = waiting('signature', { visible: 12_000, meanSeconds: 1 });
    const steps = play([flood, nothing, nothing, flood]);
    expect(reasons(steps)).toEqual(['waiting', 'no-data', 'no-data', 'raised']);
    expect(steps[1]?.decision).toMatchObject({ wanted: null, caps: null });
  });

  it('take a queue of which nothing is known for one where nothing waits', () => {
    const steps = play(minutes(8, { queues: { report: null }, database: { ...CALM, writerCpu: 10 } }), {
      start: 20,
    });
    expect(levels(steps)).toEqual([20, 20, 20, 20, 20, 10, 8, 8]);
  });

  it('go on from what a deployment sets', () => {
    const flood = waiting('signature', { visible: 12_000, meanSeconds: 1 });
    const steps = play([...minutes(3, flood), { ...flood, deployed: 8 }, ...minutes(2, flood)]);
    expect(levels(steps)).toEqual([8, 16, 20, 16, 20, 20]);
  });

  it('wait for the last change to be done, and are then raised at once', () => {
    const flood = waiting('signature', { visible: 12_000, meanSeconds: 1 });
    const steps = play([flood, { ...flood, isUpdating: true }, flood]);
    expect(reasons(steps)).toEqual(['waiting', 'updating', 'raised']);
    expect(steps[1]?.decision.caps).toBeNull();
  });

  it.each([
    { what: 'one was raised', caps: { analysis: 200, signature: 40, report: 8 }, multiplier: 8 },
    { what: 'one was lowered', caps: { analysis: 80, signature: 25, report: 8 }, multiplier: 5 },
    { what: 'they are below the least', caps: { analysis: 2, signature: 2, report: 2 }, multiplier: 2 },
    { what: 'they are above the most', caps: { analysis: 999, signature: 999, report: 999 }, multiplier: 20 },
  ])('have caps in proportion again after $what', ({ caps, multiplier }) => {
    const plan = { ...PLAN, usual: 2 };
    const decision = decideWorkers(null, { ...observe(idle(), 0), caps }, plan);
    expect(decision).toMatchObject({ reason: 'restored', from: multiplier, to: multiplier });
    const exact = { analysis: 10 * multiplier, signature: 5 * multiplier, report: multiplier };
    expect(decision.caps).toEqual(exact);
    const blind = { queues: {}, database: CALM };
    expect(decideWorkers(null, { ...observe(blind, 0), caps }, plan)).toMatchObject({
      reason: 'restored',
      caps: exact,
      wanted: null,
    });
    expect(decideWorkers(null, { ...observe(blind, 0), caps, isUpdating: true }, plan)).toMatchObject({
      reason: 'no-data',
      caps: null,
    });
  });
});

describe('a database that suffers', () => {
  it.each<Partial<DatabaseLoad> & { to: number; says: string }>([
    { writerCpu: 100, to: 16, says: 'its writer uses 100 % of its processors, of 80 %' },
    { readerCpu: 90, to: 17, says: 'its readers use 90 % of their processors, of 80 %' },
    { capacity: 100, to: 19, says: 'its writer is at 100 % of the largest it may become, of 99 %' },
    { pinned: 15, to: 13, says: '15 connections of its proxy cannot be shared, of 10' },
    { pinned: 500, to: 10, says: '500 connections of its proxy cannot be shared, of 10' },
  ])('is given way to at once, in proportion and by half at most: $says', ({ to, says, ...load }) => {
    const flood = waiting('signature', { visible: 12_000, meanSeconds: 1 });
    const [{ decision } = expect.fail()] = play([{ ...flood, database: { ...CALM, ...load } }], {
      start: 20,
    });
    expect(decision).toMatchObject({ reason: 'protected', to, isHeldBack: true });
    expect(decision.sentence).toBe(`Workers are lowered from 20 to ${to}, to protect the database: ${says}.`);
  });

  it('is given way to down to the least, and no further', () => {
    const steps = play(minutes(6, { ...idle(), database: { ...CALM, writerCpu: 99 } }));
    expect(levels(steps)).toEqual([6, 4, 3, 2, 2, 2]);
    expect(steps.at(-1)?.decision).toMatchObject({ reason: 'held-back', isHeldBack: true });
  });

  it('keeps workers from being raised as it comes near', () => {
    const flood = waiting('signature', { visible: 12_000, meanSeconds: 1 });
    const steps = play(minutes(4, { ...flood, database: { ...CALM, writerCpu: 75 } }), { start: 16 });
    expect(levels(steps)).toEqual([16, 16, 16, 16]);
    expect(steps[1]?.decision.sentence).toBe(
      'Workers stay at 16, of 40, because of the database: its writer uses 75 % of its processors, of 80 %; the signature queue takes 150 s to drain, of 60 s.',
    );
  });

  it('has workers as usual again when it is well', () => {
    const suffering = { ...idle(), database: { ...CALM, writerCpu: 99 } };
    const well = { ...idle(), database: { ...CALM, writerCpu: 20 } };
    const steps = play([...minutes(4, suffering), ...minutes(4, well)]);
    expect(levels(steps)).toEqual([6, 4, 3, 2, 2, 4, 8, 8]);
  });
});

describe('an observation', () => {
  it('that comes again, or late, changes nothing', () => {
    const flood = waiting('signature', { visible: 12_000, meanSeconds: 1 });
    const [first, second] = play([flood, flood]);
    const memory = second!.decision.memory;
    for (const at of [first!.seen.at, second!.seen.at - 1, second!.seen.at]) {
      const again = decideWorkers(memory, observe(flood, at, 16), PLAN);
      expect(again).toMatchObject({ reason: 'repeated', to: 16, caps: null });
      expect(again.memory).toBe(memory);
    }
  });

  it('of a spike raises nothing, however often it is looked at within a minute', () => {
    const flood = waiting('signature', { visible: 1e6, meanSeconds: 10 });
    const looks = [0, 10, 20, 30, 40, 50, 59].map((second) => ({ ...flood, at: 5 * MINUTE + 1000 * second }));
    const steps = play([...minutes(5, idle()), ...looks, { ...idle(), at: 6 * MINUTE }, idle(), idle()]);
    expect(new Set(levels(steps))).toEqual(new Set([8]));
  });
});
