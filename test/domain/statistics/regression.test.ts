import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pearson } from '../../../lambdas/domain/statistics/correlation.ts';
import { compareFigures } from '../../../lambdas/domain/statistics/figures.ts';
import { meanOf } from '../../../lambdas/domain/statistics/mean.ts';
import { fitLine } from '../../../lambdas/domain/statistics/regression.ts';

/** Anscombe's quartet (The American Statistician 27, 1973), sets 1 to 3, x sorted. */
const ANSCOMBE_X = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
/** Slope, p-value and correlation in 30 digits with mpmath 1.3.0 on the doubles below, rounded. */
const ANSCOMBE = [
  {
    y: [4.26, 5.68, 7.24, 4.82, 6.95, 8.81, 8.04, 8.33, 10.84, 7.58, 9.96],
    expected: [0.5000909090909091, 0.002169628873078796, 0.8164205163448398],
  },
  {
    y: [3.1, 4.74, 6.13, 7.26, 8.14, 8.77, 9.14, 9.26, 9.13, 8.74, 8.1],
    expected: [0.5, 0.0021788162369107997, 0.8162365060002428],
  },
  {
    y: [5.39, 5.73, 6.08, 6.42, 6.77, 7.11, 7.46, 7.81, 8.15, 12.74, 8.84],
    expected: [0.49972727272727274, 0.0021763052792280247, 0.8162867394895982],
  },
] as const;

const lineThrough = (x: readonly number[], y: readonly number[]) =>
  fitLine(Int32Array.from(x), Float64Array.from(y), 0, x.length);

/** Strictly increasing days with values. */
const points = fc
  .array(
    fc.record({ step: fc.integer({ min: 1, max: 5 }), y: fc.double({ min: 0.001, max: 1, noNaN: true }) }),
    {
      minLength: 5,
      maxLength: 40,
    },
  )
  .map((rows) => {
    let day = 0;
    return { x: rows.map(({ step }) => (day += step)), y: rows.map(({ y }) => y) };
  });

describe('least squares line', () => {
  it.each(ANSCOMBE)('fits Anscombe’s quartet to 12 digits', ({ y, expected: [slope, pValue] }) => {
    const line = lineThrough(ANSCOMBE_X, y);
    expect(line.slope / slope).toBeCloseTo(1, 12);
    expect(line.pValue / pValue).toBeCloseTo(1, 12);
  });

  it('uses only the observations of its range', () => {
    const x = Int32Array.from([0, 1, 2, 3, 4, 5]);
    const y = Float64Array.from([100, 1, 3, 2, 5, -100]);
    const part = fitLine(x, y, 1, 5);
    const alone = lineThrough([1, 2, 3, 4], [1, 3, 2, 5]);
    expect(part).toEqual(alone);
    expect(part.slope).toBeCloseTo(1.1, 14);
    expect(part.mean).toBe(2.75);
  });

  it('finds no slope and p = 0 in a constant, whatever the constant', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.integer({ min: 5, max: 99 }),
        (value, n) => {
          const line = lineThrough([...Array(n).keys()], Array(n).fill(value));
          expect(line).toEqual({ slope: 0, mean: value, pValue: 0 });
        },
      ),
    );
  });

  it('gives a perfect fit p = 0', () => {
    const x = [3, 4, 8, 9, 20];
    expect(
      lineThrough(
        x,
        x.map((day) => 0.3 - 0.007 * day),
      ).pValue,
    ).toBe(0);
  });

  it('does not depend on where days are counted from', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: -700_000, max: 2_900_000 }), ({ x, y }, shift) => {
        const [here, there] = [
          lineThrough(x, y),
          lineThrough(
            x.map((day) => day + shift),
            y,
          ),
        ];
        expect(there.slope).toBeCloseTo(here.slope, 12);
        expect(there.pValue).toBeCloseTo(here.pValue, 9);
      }),
    );
  });

  it('scales with the unit of y and keeps its p-value', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: -20, max: 20 }), ({ x, y }, exponent) => {
        const unit = 2 ** exponent;
        const [one, scaled] = [
          lineThrough(x, y),
          lineThrough(
            x,
            y.map((value) => value * unit),
          ),
        ];
        expect(scaled).toEqual({ slope: one.slope * unit, mean: one.mean * unit, pValue: one.pValue });
      }),
    );
  });
});

describe('Pearson correlation', () => {
  it.each(ANSCOMBE)('agrees with Anscombe’s quartet to 12 digits', ({ y, expected: [, , r] }) => {
    expect(pearson(Float64Array.from(ANSCOMBE_X), Float64Array.from(y))).toBeCloseTo(r, 12);
  });

  it('is ±1 on lines, symmetric, and within [−1, 1]', () => {
    fc.assert(
      fc.property(points, ({ x, y }) => {
        const [days, values] = [Float64Array.from(x), Float64Array.from(y)];
        expect(
          pearson(
            days,
            days.map((day) => 3 - 2 * day),
          ),
        ).toBeCloseTo(-1, 14);
        const r = pearson(days, values) ?? 0;
        expect(pearson(values, days) ?? 0).toBeCloseTo(r, 14);
        expect(Math.abs(r)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is null without variance, however small the other variance is', () => {
    const flat = Float64Array.from([0.1, 0.1, 0.1]);
    expect(pearson(flat, Float64Array.from([1, 2, 3]))).toBeNull();
    expect(pearson(Float64Array.from([]), Float64Array.from([]))).toBeNull();
    const tiny = Float64Array.from([1e-100, 2e-100, 3e-100]);
    expect(pearson(tiny, tiny)).toBeCloseTo(1, 14);
  });
});

describe('means and figures', () => {
  it('the mean of a constant is that constant, and neighbours keep their digits', () => {
    expect(meanOf(Float64Array.from([9, 0.1, 0.1, 0.1, 9]), 1, 4)).toBe(0.1);
    expect(meanOf(Float64Array.from([1e15, 1e15 + 1, 1e15 + 2]), 0, 3)).toBe(1e15 + 1);
    expect(meanOf(Int32Array.from([1, 2, 6]), 0, 3)).toBe(3);
  });

  it('figures within 1e-9 relative are the same', () => {
    expect(compareFigures(1, 1 + 0.9e-9)).toBe(0);
    expect(compareFigures(1, 1 + 1.1e-9)).toBe(-1);
    expect(compareFigures(-1, -1 - 1.1e-9)).toBe(1);
    expect(compareFigures(0, 0)).toBe(0);
    expect(compareFigures(0, 1e-300)).toBe(-1);
  });
});
