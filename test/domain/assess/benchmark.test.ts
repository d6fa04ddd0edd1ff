import { describe, expect, it } from 'vitest';
import { benchmarkOf } from '../../../lambdas/domain/assess/benchmark.ts';
import { segmentsOf } from '../../../lambdas/domain/assess/segments.ts';
import type { Metric, MetricSeries } from '../../../lambdas/domain/assess/series.ts';
import { type AnalysisParameters, resolveParameters } from '../../../lambdas/domain/parameters.ts';
import { repeat, seriesOf, seriesOfValues } from './builders.ts';

/** A value held for so many observations; two values run from the one to the other. */
type Part = readonly [n: number, from: number, to?: number];

const valuesOf = (parts: readonly Part[]) =>
  parts.flatMap(([n, from, to = from]) =>
    Array.from({ length: n }, (_, i) => from + ((to - from) * i) / Math.max(1, n - 1)),
  );

function benchmark(parts: readonly Part[], given: Partial<AnalysisParameters>, metric: Metric = 'ctr') {
  const cuts = parts.map((_, i) => parts.slice(0, i).reduce((sum, [n]) => sum + n, 0));
  return of(seriesOfValues(valuesOf(parts), metric), cuts, given);
}

function of(series: MetricSeries, cuts: readonly number[], given: Partial<AnalysisParameters>) {
  const found = benchmarkOf(series, segmentsOf(series, cuts), resolveParameters(given));
  return found && [found.segment.start, found.segment.end, found.value];
}

const longest = { benchmarkRule: 'longest' } as const;
const best = { benchmarkRule: 'best' } as const;

describe('benchmark', () => {
  it('longest: the stable or improving segment with most observations', () => {
    expect(
      benchmark(
        [
          [10, 0.04],
          [20, 0.02],
          [15, 0.03],
        ],
        longest,
      ),
    ).toEqual([10, 30, 0.02]);
    expect(
      benchmark(
        [
          [10, 0.04],
          [20, 0.02, 0.03],
        ],
        longest,
      ),
    ).toEqual([10, 30, 0.025]);
    expect(
      benchmark(
        [
          [10, 0.04],
          [20, 0.03, 0.02],
        ],
        longest,
      ),
    ).toEqual([0, 10, 0.04]);
  });

  it('longest: the later of equally long ones', () => {
    expect(
      benchmark(
        [
          [10, 0.04],
          [10, 0.02],
        ],
        longest,
      ),
    ).toEqual([10, 20, 0.02]);
  });

  it('longest: at least a window long', () => {
    expect(
      benchmark(
        [
          [6, 0.04],
          [20, 0.03, 0.02],
        ],
        longest,
      ),
    ).toBeNull();
    expect(
      benchmark(
        [
          [7, 0.04],
          [20, 0.03, 0.02],
        ],
        longest,
      ),
    ).toEqual([0, 7, 0.04]);
    expect(
      benchmark(
        [
          [7, 0.04],
          [20, 0.03, 0.02],
        ],
        { ...longest, windowSize: 8 },
      ),
    ).toBeNull();
  });

  it('best: the best value of those with 14 observations', () => {
    expect(
      benchmark(
        [
          [13, 0.05],
          [14, 0.04],
          [40, 0.03],
        ],
        best,
      ),
    ).toEqual([13, 27, 0.04]);
    expect(
      benchmark(
        [
          [13, 5],
          [14, 4],
          [40, 3],
        ],
        best,
        'cpc',
      ),
    ).toEqual([27, 67, 3]);
  });

  it('best: of shorter ones, a window long at least, only when none has 14', () => {
    expect(
      benchmark(
        [
          [13, 0.03],
          [6, 0.09],
          [7, 0.04],
        ],
        best,
      ),
    ).toEqual([19, 26, 0.04]);
    expect(
      benchmark(
        [
          [6, 0.09],
          [20, 0.03, 0.02],
        ],
        best,
      ),
    ).toBeNull();
    expect(
      benchmark(
        [
          [15, 0.03],
          [20, 0.02],
        ],
        { ...best, windowSize: 21 },
      ),
    ).toEqual([0, 15, 0.03]);
  });

  it('best: the longer of equal values, then the later', () => {
    expect(
      benchmark(
        [
          [16, 0.03],
          [15, 0.03],
          [14, 0.01],
        ],
        best,
      ),
    ).toEqual([0, 16, 0.03]);
    expect(
      benchmark(
        [
          [15, 0.03],
          [16, 0.02],
          [15, 0.03],
        ],
        best,
      ),
    ).toEqual([31, 46, 0.03]);
  });

  it('ignores declining and undetermined segments', () => {
    expect(
      benchmark(
        [
          [20, 0.09, 0.05],
          [4, 0.08],
          [14, 0.02],
        ],
        best,
      ),
    ).toEqual([24, 38, 0.02]);
    expect(benchmark([[20, 0.09, 0.05]], best)).toBeNull();
  });

  it('is a ratio of sums, not a mean of daily ratios', () => {
    const days = [
      ...repeat(7, { impressions: 1000, clicks: 30 }),
      ...repeat(7, { impressions: 9000, clicks: 270 }),
    ];
    const uneven = days.map((day, i) => (i % 2 === 0 ? { ...day, clicks: day.clicks + 3 } : day));
    const clicks = uneven.reduce((sum, day) => sum + day.clicks, 0);
    expect(of(seriesOf(uneven), [], best)).toEqual([0, 14, clicks / 70_000]);
  });

  it('may be 0 for a creative that nobody ever clicked', () => {
    expect(benchmark([[20, 0]], best)).toEqual([0, 20, 0]);
  });
});
