import fc from 'fast-check';
import type { Metric, MetricSeries } from '../../../lambdas/domain/assess/series.ts';

/** A series of consecutive days from its counts. */
export function seriesOf(
  clicks: readonly number[],
  exposure: readonly number[],
  metric: Metric = 'ctr',
): MetricSeries {
  return {
    metric,
    days: Int32Array.from(clicks, (_, i) => 20_000 + i),
    values: Float64Array.from(clicks, (c, i) =>
      metric === 'ctr' ? c / exposure[i]! : exposure[i]! / (c * 1e6),
    ),
    clicks: Float64Array.from(clicks),
    exposure: Float64Array.from(exposure),
  };
}

/** Counts with noise, level shifts in both directions, and now and then a day without exposure. */
export const noisyCounts: fc.Arbitrary<{ clicks: number[]; exposure: number[] }> = fc
  .record({
    length: fc.integer({ min: 0, max: 110 }),
    volume: fc.constantFrom(30, 1000, 50_000, 3_000_000),
    rate: fc.constantFrom(0.003, 0.02, 0.3),
    shifts: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 110 }),
        factor: fc.double({ min: 0.4, max: 2, noNaN: true }),
      }),
      {
        maxLength: 3,
      },
    ),
    /** Which day of every eleven has clicks but no exposure. */
    noExposure: fc.option(fc.nat(10), { nil: -1 }),
  })
  .chain(({ length, volume, rate, shifts, noExposure }) =>
    fc
      .array(
        fc.tuple(
          fc.double({ min: 0.3, max: 2, noNaN: true }),
          fc.double({ min: 0.7, max: 1.3, noNaN: true }),
        ),
        {
          minLength: length,
          maxLength: length,
        },
      )
      .map((days) => {
        const exposure = days.map(([size], i) => (i % 11 === noExposure ? 0 : Math.ceil(volume * size)));
        const clicks = days.map(([size, noise], i) => {
          const level = shifts.reduce((f, shift) => (i >= shift.at ? f * shift.factor : f), rate * noise);
          return Math.min(Math.ceil(volume * size), Math.round(volume * size * level));
        });
        return { clicks, exposure };
      }),
  );
