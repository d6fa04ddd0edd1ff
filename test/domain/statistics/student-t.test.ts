import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { studentTwoSided } from '../../../lambdas/domain/statistics/student-t.ts';

const relativeError = (value: number, expected: number) => Math.abs(value - expected) / expected;

/** Regularised incomplete beta I_x(ν/2, 1/2) at x = ν/(ν + t²), computed with mpmath 1.3.0 to 40 digits. */
const REFERENCE: readonly (readonly [degrees: number, t: number, p: number])[] = [
  [1, 0.5, 0.7048327646991335],
  [1, 40, 0.015912179824051628],
  [2, 2, 0.18350341907227397],
  [3, 0.5, 0.651447964848151],
  [3, 40, 3.4380680789158526e-5],
  [4, 4, 0.016130089900092532],
  [5, 2, 0.10193947882985836],
  [8, 40, 1.6785718879145792e-10],
  [10, 2, 0.07338803477074037],
  [13, 4, 0.0015120793588119749],
  [20, 0.5, 0.6225318422810237],
  [30, 4, 0.00038184563608375686],
  [58, 2, 0.05019046804144834],
  [100, 40, 2.462107602140071e-63],
  [177, 4, 9.295006224340696e-5],
  [363, 2, 0.04624490457979678],
  [363, 40, 4.205681134318099e-135],
  [1000, 4, 6.800991920878158e-5],
];

/** NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2: two-sided critical values at 10 %, 5 % and 1 %. */
const NIST: readonly (readonly [degrees: number, ten: number, five: number, one: number])[] = [
  [1, 6.314, 12.706, 63.657],
  [2, 2.92, 4.303, 9.925],
  [3, 2.353, 3.182, 5.841],
  [5, 2.015, 2.571, 4.032],
  [10, 1.812, 2.228, 3.169],
  [30, 1.697, 2.042, 2.75],
  [60, 1.671, 2.0, 2.66],
  [100, 1.66, 1.984, 2.626],
];

/** The finite sums for whole degrees of freedom, Abramowitz and Stegun 26.7.3 and 26.7.4: 1 − A(t | ν). */
function finiteSum(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 2 : 1; k < degrees - 2; k += 2) {
    term *= (k / (k + 1)) * cosine * cosine;
    sum += term;
  }
  return odd ? 1 - (2 / Math.PI) * (angle + sine * sum) : 1 - sine * sum;
}

describe('two-sided p-value of Student t', () => {
  it.each(REFERENCE)('has 12 digits at %d degrees of freedom, t = %d', (degrees, t, p) => {
    expect(relativeError(studentTwoSided(t, degrees), p)).toBeLessThan(1e-12);
  });

  it.each(NIST)('agrees with the published table at %d degrees of freedom', (degrees, ten, five, one) => {
    // The table rounds t to 3 decimals, so the level lies between the p-values of the neighbouring half units.
    for (const [t, level] of [
      [ten, 0.1],
      [five, 0.05],
      [one, 0.01],
    ] as const) {
      expect(studentTwoSided(t - 0.000501, degrees)).toBeGreaterThan(level);
      expect(studentTwoSided(t + 0.000501, degrees)).toBeLessThan(level);
    }
  });

  it('equals the finite sums for whole degrees of freedom', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 0, max: 60, noNaN: true }),
        (degrees, t) => {
          expect(Math.abs(studentTwoSided(t, degrees) - finiteSum(t, degrees))).toBeLessThan(1e-12);
        },
      ),
    );
  });

  it('is symmetric, within [0, 1], and falls as |t| grows', () => {
    const t = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), t, t, (degrees, a, b) => {
        const [near, far] = [
          studentTwoSided(Math.min(a, b), degrees),
          studentTwoSided(Math.max(a, b), degrees),
        ];
        expect(studentTwoSided(-a, degrees)).toBe(studentTwoSided(a, degrees));
        expect(far).toBeLessThanOrEqual(near * (1 + 1e-12));
        expect(near).toBeLessThanOrEqual(1);
        expect(far).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('is 1 at 0, 0 at infinity, and tends to the normal distribution', () => {
    expect(studentTwoSided(0, 7)).toBe(1);
    expect(studentTwoSided(Number.NEGATIVE_INFINITY, 7)).toBe(0);
    expect(studentTwoSided(1e200, 7)).toBe(0);
    expect(studentTwoSided(1.959963984540054, 2_000_000)).toBeCloseTo(0.05, 6);
  });

  it('refuses what has no p-value', () => {
    expect(() => studentTwoSided(1, 0)).toThrow(RangeError);
    expect(() => studentTwoSided(1, 1.5)).toThrow(RangeError);
    expect(() => studentTwoSided(Number.NaN, 3)).toThrow(RangeError);
  });
});
