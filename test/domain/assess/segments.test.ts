import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentsOf } from '../../../lambdas/domain/assess/segments.ts';
import type { Metric } from '../../../lambdas/domain/assess/series.ts';
import { type Day, repeat, seriesOf, seriesOfValues } from './builders.ts';

const trendOf = (values: readonly number[], metric: Metric = 'ctr') =>
  segmentsOf(seriesOfValues(values, metric), [])[0]!.trend;

describe('segments', () => {
  const flat = seriesOfValues(Array(20).fill(0.02));
  const bounds = (cuts: readonly number[]) => segmentsOf(flat, cuts).map(({ start, end }) => [start, end]);

  it('are the whole series without a cut', () => {
    expect(bounds([])).toEqual([[0, 20]]);
  });

  it('begin at each cut, in order of time', () => {
    expect(bounds([12, 5])).toEqual([
      [0, 5],
      [5, 12],
      [12, 20],
    ]);
  });

  it('collapse equal cuts and lose empty parts', () => {
    expect(bounds([5, 5, 0, 20, 25, -1])).toEqual([
      [0, 5],
      [5, 20],
    ]);
  });

  it('carry their first day, their last day and their count', () => {
    const days: Day[] = [
      ...repeat(5, { impressions: 100, clicks: 2 }),
      { impressions: 100, clicks: 2, after: 5 },
    ];
    expect(segmentsOf(seriesOf(days), [5])).toEqual([
      {
        start: 0,
        end: 5,
        from: '2025-03-03',
        to: '2025-03-07',
        n: 5,
        trend: 'stable',
        slope: 0,
        mean: 0.02,
        relativeChange: 0,
        pValue: 0,
      },
      {
        start: 5,
        end: 6,
        from: '2025-03-12',
        to: '2025-03-12',
        n: 1,
        trend: 'undetermined',
        slope: null,
        mean: 0.02,
        relativeChange: null,
        pValue: null,
      },
    ]);
  });

  it('cover every observation once, whatever the cuts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 25 })), (cuts) => {
        const covered = segmentsOf(flat, cuts).flatMap(({ start, end, n }) => {
          expect(n).toBe(end - start);
          return Array.from({ length: n }, (_, i) => start + i);
        });
        expect(covered).toEqual([...Array(20).keys()]);
      }),
    );
  });
});

describe('trend of a segment', () => {
  const rise = [0.02, 0.021, 0.022, 0.023, 0.024, 0.025];

  it('follows the direction of the metric', () => {
    expect(trendOf(rise, 'ctr')).toBe('improving');
    expect(trendOf(rise.toReversed(), 'ctr')).toBe('declining');
    expect(trendOf(rise, 'cpc')).toBe('declining');
    expect(trendOf(rise.toReversed(), 'cpc')).toBe('improving');
  });

  it('has slope, relative change and p-value as worked out by hand', () => {
    // x = 0…4, y = 1, 2, 3, 2, 4: slope 0.6, mean 2.4, r = 0.6·4/2.4; residuals sum to 1.6, so t = 0.6/√(1.6/3/10).
    const [segment] = segmentsOf(seriesOfValues([1, 2, 3, 2, 4], 'cpc'), []);
    expect(segment!.slope).toBeCloseTo(0.6, 14);
    expect(segment!.mean).toBeCloseTo(2.4, 14);
    expect(segment!.relativeChange).toBeCloseTo(1, 14);
    // P(|T| ≥ 2.598076…) with 3 degrees of freedom: 1 − 2/π (θ + sin θ cos θ), θ = atan(1.5).
    const theta = Math.atan(1.5);
    expect(segment!.pValue).toBeCloseTo(1 - (2 / Math.PI) * (theta + Math.sin(theta) * Math.cos(theta)), 12);
    expect(segment!.trend).toBe('stable');
  });

  it('runs over calendar days, not observations', () => {
    // x = 0, 1, 2, 3, 14: a slope of 0.01 a day makes 0.14 of change, and the mean is 1.04.
    const days = [0, 1, 2, 3, 14].map((day) => ({
      impressions: 1,
      clicks: 1000,
      spend: 1000 + 10 * day,
      after: day === 14 ? 11 : 1,
    }));
    const [segment] = segmentsOf(seriesOf(days, 'cpc'), []);
    expect(segment).toMatchObject({ trend: 'declining', pValue: 0 });
    expect(segment!.slope).toBeCloseTo(0.01, 14);
    expect(segment!.relativeChange).toBeCloseTo(0.14 / 1.04, 12);
  });

  it('needs five observations', () => {
    expect(trendOf(rise.slice(0, 4))).toBe('undetermined');
    expect(trendOf(rise.slice(0, 5))).toBe('improving');
  });

  it('needs a change of a tenth of the mean, and has one at exactly a tenth', () => {
    // Mean 100, slope 2.5 a day over 4 days: r = 0.1.
    expect(trendOf([95, 97.5, 100, 102.5, 105], 'cpc')).toBe('declining');
    expect(trendOf([95.001, 97.5, 100, 102.5, 105], 'cpc')).toBe('stable');
    expect(trendOf([105, 102.5, 100, 97.5, 95], 'cpc')).toBe('improving');
  });

  it('needs significance', () => {
    // Slope −0.1 a day over a mean of 1.05 is a large change, but p = 0.08.
    const noisy = segmentsOf(seriesOfValues([1.5, 0.8, 1.3, 0.6, 1.2, 0.9], 'cpc'), [])[0]!;
    expect(Math.abs(noisy.relativeChange!)).toBeGreaterThan(0.1);
    expect(noisy.pValue!).toBeGreaterThan(0.05);
    expect(noisy.trend).toBe('stable');
  });

  it('is stable for a constant, with p = 0, and without a relative change at mean 0', () => {
    expect(segmentsOf(seriesOfValues(Array(9).fill(0.03)), [])[0]).toMatchObject({
      trend: 'stable',
      slope: 0,
      relativeChange: 0,
      pValue: 0,
    });
    expect(segmentsOf(seriesOfValues(Array(9).fill(0)), [])[0]).toMatchObject({
      trend: 'stable',
      slope: 0,
      mean: 0,
      relativeChange: null,
      pValue: 0,
    });
  });

  it('does not depend on the unit of spend', () => {
    const day = fc.record({
      impressions: fc.constant(1000),
      clicks: fc.integer({ min: 1, max: 50 }),
      spend: fc.integer({ min: 0, max: 90 }),
    });
    fc.assert(
      fc.property(
        fc.array(day, { minLength: 6, maxLength: 40 }),
        fc.constantFrom(2, 64, 1024),
        (days, unit) => {
          const dearer = days.map((one) => ({ ...one, spend: one.spend * unit }));
          const [here, there] = [days, dearer].map((given) => segmentsOf(seriesOf(given, 'cpc'), [4]));
          expect(there).toEqual(
            here!.map((segment) => ({
              ...segment,
              mean: segment.mean * unit,
              slope: segment.slope === null ? null : segment.slope * unit,
            })),
          );
        },
      ),
    );
  });
});
