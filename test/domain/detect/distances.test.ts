import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricSeries } from '../../../lambdas/domain/assess/series.ts';
import { summariseDistances, windowDistances } from '../../../lambdas/domain/detect/distances.ts';
import { slidingRanges } from '../../../lambdas/domain/detect/sliding-range.ts';
import { logSignature } from '../../../lambdas/domain/signature/index.ts';
import { seriesOfValues } from '../assess/builders.ts';

const EPSILON = 1e-8;

/** Analysis spec §4, as it is written: every window is normalised and its log-signature taken from the start. */
function slowDistances({ days, values }: MetricSeries, window: number, depth: number): number[] {
  const signatures: Float64Array[] = [];
  for (let start = 0; start + window <= days.length; start++) {
    const x = [...days.subarray(start, start + window)];
    const y = [...values.subarray(start, start + window)];
    const [low, high] = [Math.min(...y), Math.max(...y)];
    const points = x.flatMap((day, i) => [
      (day - x[0]!) / (x.at(-1)! - x[0]! + EPSILON),
      (y[i]! - low) / (high - low + EPSILON),
    ]);
    signatures.push(logSignature(Float64Array.from(points), { dimension: 2, depth }));
  }
  return signatures
    .slice(1)
    .map((after, t) => Math.hypot(...after.map((value, k) => value - signatures[t]![k]!)));
}

function expectSame(series: MetricSeries, windowSize: number, signatureDepth: number): void {
  const fast = windowDistances(series, { windowSize, signatureDepth });
  const slow = slowDistances(series, windowSize, signatureDepth);
  expect(fast.length).toBe(slow.length);
  // Coordinates of a normalised window are of order 1, so rounding is of order 1e-16 whatever the distance.
  for (const [t, distance] of slow.entries()) expect(Math.abs(fast[t]! - distance)).toBeLessThan(1e-13);
}

const value = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0.001, max: 0.1, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 0.02, 0.020000000000000004) },
  { weight: 1, arbitrary: fc.double({ min: 10, max: 1e4, noNaN: true }) },
);
const anySeries = fc
  .record({
    first: fc.integer({ min: -700_000, max: 2_900_000 }),
    rows: fc.array(fc.record({ step: fc.integer({ min: 1, max: 8 }), value }), {
      minLength: 1,
      maxLength: 60,
    }),
  })
  .map(({ first, rows }): MetricSeries => {
    let day = first;
    const values = Float64Array.from(rows, (row) => row.value);
    return {
      metric: 'ctr',
      days: Int32Array.from(rows, ({ step }) => (day += step)),
      values,
      clicks: values,
      exposure: values,
    };
  });

describe('window distances', () => {
  it('equal those of explicitly normalised windows, at every depth and window', () => {
    fc.assert(
      fc.property(anySeries, fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 5 }), expectSame),
      { numRuns: 400 },
    );
  });

  it('equal them across a spike of ten million times the level, before, in and after it', () => {
    const values = Array.from({ length: 40 }, (_, i) => 0.02 + 0.001 * ((i * 7) % 5));
    values[20] = 200_000;
    const clicks = Float64Array.from(values);
    const days = Int32Array.from(values, (_, i) => i);
    expectSame({ metric: 'cpc', days, values: clicks, clicks, exposure: clicks }, 7, 4);
  });

  it('of a straight line and of a constant are 0', () => {
    for (const values of [
      Array(12).fill(0.02),
      Array(12).fill(0),
      [...Array(12).keys()].map((i) => 0.01 + i * 0.001),
    ]) {
      const distances = windowDistances(seriesOfValues(values), { windowSize: 7, signatureDepth: 4 });
      expect(distances).toHaveLength(5);
      for (const distance of distances) expect(distance).toBeLessThan(1e-12);
    }
  });

  it('are those worked out by hand for depth 1 and windows of two', () => {
    // Windows rise, fall, stay: level 1 is (1, ±1 or 0), but for ε; so the distances are 2 and 1.
    const distances = windowDistances(seriesOfValues([0.1, 0.3, 0.2, 0.2]), {
      windowSize: 2,
      signatureDepth: 1,
    });
    expect(distances).toHaveLength(2);
    expect(distances[0]).toBeCloseTo(2, 6);
    expect(distances[1]).toBeCloseTo(1, 6);
  });

  it('need one more observation than a window', () => {
    const settings = { windowSize: 7, signatureDepth: 4 };
    expect(windowDistances(seriesOfValues(Array(6).fill(0.02)), settings)).toHaveLength(0);
    expect(windowDistances(seriesOfValues(Array(7).fill(0.02)), settings)).toHaveLength(0);
    expect(windowDistances(seriesOfValues(Array(8).fill(0.02)), settings)).toHaveLength(1);
  });

  it('do not depend on the series analysed before', () => {
    const [long, short] = [
      seriesOfValues([...Array(90).keys()].map((i) => (i % 13) / 100)),
      seriesOfValues([0.1, 0.2, 0.1, 0.3]),
    ];
    const settings = { windowSize: 2, signatureDepth: 4 };
    const alone = windowDistances(short, settings);
    windowDistances(long, settings);
    expect(windowDistances(short, settings)).toEqual(alone);
  });
});

describe('sliding ranges', () => {
  it('equal the extremes of every window searched on its own', () => {
    const steps = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 2, max: 9 }), (values, window) => {
        const numbers = Float64Array.from(values);
        const ranges = new Float64Array(Math.max(0, values.length - window + 1));
        slidingRanges(numbers, window, ranges);
        for (const [start, range] of ranges.entries()) {
          const part = values.slice(start, start + window);
          expect(range).toBe(Math.max(...part) - Math.min(...part));
        }
      }),
    );
  });
});

describe('summary of distances', () => {
  it('has mean, population standard deviation, threshold and maximum', () => {
    expect(summariseDistances(Float64Array.from([2, 4, 4, 4, 5, 5, 7, 9]), 1.5)).toEqual({
      mean: 5,
      sd: 2,
      threshold: 8,
      max: 9,
    });
  });

  it('is absent without distances', () => {
    expect(summariseDistances(new Float64Array(0), 1.5)).toBeNull();
  });
});
