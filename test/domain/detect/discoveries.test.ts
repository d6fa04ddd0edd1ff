import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { benjaminiHochberg, wearOutPValue } from '../../../lambdas/domain/detect/discoveries.ts';
import { referenceLevel } from './level-reference.ts';
import { noisyCounts, seriesOf } from './level-series.ts';

describe('p-value of a fall', () => {
  test('is 1 − exp(−(T−16)·exp(−0.760 − 2.365·Z)) of the largest fall of a run without restarts', () => {
    fc.assert(
      fc.property(noisyCounts, ({ clicks, exposure }) => {
        const p = wearOutPValue(seriesOf(clicks, exposure));
        if (clicks.length < 17) {
          expect(p).toBe(1);
          return;
        }
        const { largestFall } = referenceLevel(clicks, exposure, Number.POSITIVE_INFINITY);
        const rate = (clicks.length - 16) * Math.exp(-0.76 - 2.365 * largestFall);
        expect(p).toBeCloseTo(1 - Math.exp(-rate), 5);
      }),
      { numRuns: 200 },
    );
  });

  test('is small after a fall, also one that recovered, and not after a rise', () => {
    const days = (...runs: readonly (readonly [number, number])[]) =>
      runs.flatMap(([length, clicks]) => Array.from({ length }, () => clicks));
    const exposure = days([90, 10_000]);
    expect(wearOutPValue(seriesOf(days([30, 300], [60, 150]), exposure))).toBeLessThan(1e-4);
    expect(wearOutPValue(seriesOf(days([30, 300], [20, 150], [40, 300]), exposure))).toBeLessThan(1e-4);
    expect(wearOutPValue(seriesOf(days([30, 150], [60, 300]), exposure))).toBeGreaterThan(0.5);
  });
});

describe('Benjamini-Hochberg', () => {
  // Benjamini & Hochberg 1995, section 3.2: fifteen hypotheses of a study of thrombolysis.
  const published = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
    0.759, 1,
  ];

  test('rejects the four of the published example at 0.05', () => {
    expect(benjaminiHochberg(published, 0.05)).toEqual(published.map((_, i) => i < 4));
  });

  test('answers in the order asked', () => {
    expect(benjaminiHochberg(published.toReversed(), 0.05)).toEqual(published.map((_, i) => i >= 11));
  });

  test('steps up: a p-value above its own line is rejected when a larger one is below its line', () => {
    expect(benjaminiHochberg([0.04, 0.045, 0.9], 0.07)).toEqual([true, true, false]);
    expect(benjaminiHochberg([0.04, 0.9, 0.9], 0.07)).toEqual([false, false, false]);
  });

  test('rejects exactly the k smallest, k the largest with p_(k) ≤ kq/m', () => {
    const probability = fc.oneof(
      fc.constantFrom(0, 0.01, 0.05, 1),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(probability, { maxLength: 30 }), probability, (pValues, q) => {
        const sorted = pValues.toSorted((a, b) => a - b);
        const k = sorted.findLastIndex((p, i) => p <= ((i + 1) * q) / pValues.length) + 1;
        const flags = benjaminiHochberg(pValues, q);
        expect(flags.filter((flag) => flag).length).toBe(k);
        for (const [i, flag] of flags.entries()) expect(flag).toBe(k > 0 && pValues[i]! <= sorted[k - 1]!);
      }),
    );
  });

  test('refuses what is not a probability', () => {
    expect(() => benjaminiHochberg([0.5, Number.NaN], 0.05)).toThrow(RangeError);
    expect(() => benjaminiHochberg([-0.1], 0.05)).toThrow(RangeError);
    expect(() => benjaminiHochberg([0.1], 1.5)).toThrow(RangeError);
  });
});
