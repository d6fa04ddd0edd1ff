import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onset, regimeSplit } from '../../../lambdas/domain/detect/level-onset.ts';
import { LEVEL_SETTINGS } from '../../../lambdas/domain/detect/level-settings.ts';
import { onsetOf, splitOf } from './level-reference.ts';

const amount = fc.integer({ min: 1, max: 1_000_000 }).map((value) => value / 1000);

/** A weighted path of daily rates around 1 that changes by a step or a ramp anywhere. */
const changedPath = fc
  .record({
    length: fc.integer({ min: 17, max: 130 }),
    at: fc.integer({ min: 0, max: 130 }),
    over: fc.integer({ min: 1, max: 60 }),
    depth: fc.integer({ min: -800, max: 800 }).map((value) => value / 1000),
  })
  .chain(({ length, at, over, depth }) =>
    fc.array(fc.tuple(amount, amount), { minLength: length, maxLength: length }).map((days) =>
      days.map(([a, noise], i) => ({
        a,
        y: a * (1 + noise / 5000 + depth * Math.min(1, Math.max(0, i - at) / over)),
      })),
    ),
  );

const columns = (steps: readonly { a: number; y: number }[]) => ({
  a: Float64Array.from(steps, ({ a }) => a),
  y: Float64Array.from(steps, ({ y }) => y),
});

const stepAt = (at: number, length: number) =>
  columns(Array.from({ length }, (_, i) => ({ a: 100, y: i < at ? 100 : 50 })));

describe('regime split', () => {
  test('is the step inside the last 42 observations after a base of 14', () => {
    expect(regimeSplit(stepAt(80, 100), -1, LEVEL_SETTINGS)).toBe(80);
    expect(regimeSplit(stepAt(99, 100), -1, LEVEL_SETTINGS)).toBe(99);
    expect(regimeSplit(stepAt(40, 100), -1, LEVEL_SETTINGS)).toBe(58);
    expect(regimeSplit(stepAt(8, 40), -1, LEVEL_SETTINGS)).toBe(14);
  });

  test('equals the written-out reference', () => {
    fc.assert(
      fc.property(changedPath, fc.constantFrom(-1, 1), (steps, sign) => {
        const expected = splitOf(steps, sign);
        fc.pre(expected >= 0);
        expect(regimeSplit(columns(steps), sign, LEVEL_SETTINGS)).toBe(expected);
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});

describe('onset', () => {
  test('is the step where there is one, and the foot of a ramp', () => {
    expect(onset(stepAt(80, 100), -1, 70, LEVEL_SETTINGS)).toBe(80);
    const ramp = Array.from({ length: 100 }, (_, i) => ({ a: 100, y: 100 - 2 * Math.max(0, i - 60 + 1) }));
    expect(onset(columns(ramp), -1, 70, LEVEL_SETTINGS)).toBe(60);
    const longRamp = Array.from({ length: 100 }, (_, i) => ({ a: 100, y: 100 - Math.max(0, i - 20 + 1) }));
    expect(onset(columns(longRamp), -1, 70, LEVEL_SETTINGS)).toBe(20);
  });

  test('is the split where nothing goes the way of the alarm', () => {
    const flat = Array.from({ length: 40 }, () => ({ a: 64, y: 64 }));
    expect(onset(columns(flat), -1, 20, LEVEL_SETTINGS)).toBe(20);
  });

  test('equals the written-out reference', () => {
    fc.assert(
      fc.property(changedPath, fc.constantFrom(-1, 1), (steps, sign) => {
        fc.pre(splitOf(steps, sign) >= 0);
        const found = onset(columns(steps), sign, splitOf(steps, sign), LEVEL_SETTINGS);
        expect(found).toBe(onsetOf(steps, sign));
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});
