import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shape } from '../../../lambdas/domain/detect/shape.ts';
import { type AnalysisParameters, resolveParameters } from '../../../lambdas/domain/parameters.ts';
import { seriesOfValues } from '../assess/builders.ts';

const WINDOW = 2;

/** What the shape detector makes of these distances, on a flat series unless one is given. */
function detect(
  distances: readonly number[],
  given: Partial<AnalysisParameters> = {},
  values?: readonly number[],
) {
  const series = seriesOfValues(values ?? Array(distances.length + WINDOW).fill(0.02), 'ctr');
  const parameters = resolveParameters({ detector: 'shape', windowSize: WINDOW, ...given });
  return shape.detect(series, Float64Array.from(distances), parameters);
}

const indexes = (distances: readonly number[], given?: Partial<AnalysisParameters>) =>
  detect(distances, given).changePoints.map(({ index }) => index);

describe('shape detector', () => {
  it('takes distances above mean + k standard deviations, and nothing at it', () => {
    // Mean 2, population sd 4: with k = 1.5 the limit is 8, with k = 2 it is 10.
    const distances = [0, 0, 0, 10, 0];
    expect(indexes(distances)).toEqual([WINDOW + 3]);
    expect(indexes(distances, { threshold: 2 })).toEqual([]);
    expect(detect(distances).statistic).toEqual({
      name: 'distance',
      limit: 8,
      start: WINDOW,
      values: Float64Array.from(distances),
    });
  });

  it('reports index, onset and score of a change point', () => {
    expect(detect([0, 0, 0, 10, 0]).changePoints).toEqual([
      { index: 5, onsetIndex: 5, direction: 'none', score: 10 },
    ]);
    expect(shape.cut({ index: 5, onsetIndex: 3, direction: 'none', score: 10 })).toBe(5);
  });

  it('takes the largest first and drops what is closer than the separation, not what is as far', () => {
    const distances = [...Array(30).fill(0)];
    Object.assign(distances, { 10: 8, 12: 10, 15: 9, 16: 7 });
    expect(indexes(distances, { minSeparation: 3 })).toEqual([14, 17]);
    expect(indexes(distances, { minSeparation: 2 })).toEqual([12, 14, 17]);
    expect(indexes(distances, { minSeparation: 4 })).toEqual([14, 18]);
  });

  it('separates by the window size unless told otherwise', () => {
    const distances = [...Array(30).fill(0)];
    Object.assign(distances, { 10: 10, 11: 9, 12: 8 });
    expect(indexes(distances)).toEqual([12, 14]);
  });

  it('lets the earliest of distances within 1e-9 of each other win', () => {
    const distances = [...Array(30).fill(0)];
    Object.assign(distances, { 10: 10, 12: 10 * (1 + 0.9e-9) });
    expect(indexes(distances, { minSeparation: 5 })).toEqual([12]);
    Object.assign(distances, { 12: 10 * (1 + 1.1e-9) });
    expect(indexes(distances, { minSeparation: 5 })).toEqual([14]);
  });

  it('finds nothing in fewer than 4 distances or without spread', () => {
    expect(indexes([0, 0, 9], { threshold: 1 })).toEqual([]);
    expect(indexes([0, 0, 0, 9], { threshold: 1 })).toEqual([5]);
    expect(indexes(Array(20).fill(0.3))).toEqual([]);
    expect(indexes([0, 0, 0, 0, 2e-12], { threshold: 1 })).toEqual([]);
    expect(indexes([0, 0, 0, 0, 4e-12], { threshold: 1 })).toEqual([6]);
    expect(detect([])).toEqual({
      changePoints: [],
      statistic: { name: 'distance', limit: 0, start: WINDOW, values: new Float64Array(0) },
    });
  });

  it('directs each change by the means of the segments on both sides, cut at all changes', () => {
    // Segments 0.03 | 0.02 | 0.025 | 0.025: down, up, equal.
    const values = [...Array(8).fill(0.03), ...Array(8).fill(0.02), ...Array(16).fill(0.025)];
    const distances = Array(values.length - WINDOW).fill(0);
    Object.assign(distances, { 6: 10, 14: 9, 22: 8 });
    const given = { minSeparation: 2 };
    const directions = (metric: 'ctr' | 'cpc') =>
      shape
        .detect(
          seriesOfValues(values, metric),
          Float64Array.from(distances),
          resolveParameters({ detector: 'shape', windowSize: WINDOW, ...given }),
        )
        .changePoints.map(({ direction }) => direction);
    expect(directions('ctr')).toEqual(['worse', 'better', 'none']);
    expect(directions('cpc')).toEqual(['better', 'worse', 'none']);
  });

  it('selects as a sort by distance and a scan would', () => {
    const distance = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(
        fc.array(distance, { minLength: 4, maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0, 0.5, 1, 1.5),
        (distances, minSeparation, threshold) => {
          const mean = distances.reduce((a, b) => a + b, 0) / distances.length;
          const sd = Math.sqrt(distances.reduce((sum, d) => sum + (d - mean) ** 2, 0) / distances.length);
          fc.pre(sd > 0 && distances.every((d) => Math.abs(d - mean - threshold * sd) > 1e-9));
          const taken: number[] = [];
          const order = [...distances.keys()].sort((a, b) => distances[b]! - distances[a]! || a - b);
          for (const at of order) {
            const far = taken.every((other) => Math.abs(other - at) >= minSeparation);
            if (distances[at]! > mean + threshold * sd && far) taken.push(at);
          }
          const expected = taken.map((at) => at + WINDOW).sort((a, b) => a - b);
          expect(indexes(distances, { minSeparation, threshold })).toEqual(expected);
        },
      ),
    );
  });
});
