import { meanOf } from './mean.ts';
import { studentTwoSided } from './student-t.ts';

/** An ordinary least squares line of y on x. */
export interface Line {
  /** Change of y per unit of x. */
  readonly slope: number;
  /** Mean of y. */
  readonly mean: number;
  /** Two-sided p-value of the slope's t-test against 0, with n − 2 degrees of freedom. */
  readonly pValue: number;
}

/** Residuals up to this share of Σy² are rounding: the fit is perfect (analysis spec §6). */
const PERFECT_FIT = 1e-24;

/**
 * Fits y on x over the observations from `start` to before `end` (analysis spec §6). Both are centred first, so large
 * day numbers cost no digits; a constant y gives a slope of exactly 0. A perfect fit, a constant y included, has p = 0.
 *
 * @param x strictly increasing over the range, which holds at least 3 observations
 */
export function fitLine(x: Int32Array, y: Float64Array, start: number, end: number): Line {
  const n = end - start;
  const meanX = meanOf(x, start, end);
  const meanY = meanOf(y, start, end);
  let sxx = 0;
  let sxy = 0;
  let sumOfSquares = 0;
  for (let i = start; i < end; i++) {
    const dx = (x[i] ?? 0) - meanX;
    const value = y[i] ?? 0;
    sxx += dx * dx;
    sxy += dx * (value - meanY);
    sumOfSquares += value * value;
  }
  const slope = sxy / sxx;
  let residuals = 0;
  for (let i = start; i < end; i++) {
    const residual = (y[i] ?? 0) - meanY - slope * ((x[i] ?? 0) - meanX);
    residuals += residual * residual;
  }
  if (residuals <= PERFECT_FIT * sumOfSquares) return { slope, mean: meanY, pValue: 0 };
  const standardError = Math.sqrt(residuals / (n - 2) / sxx);
  return { slope, mean: meanY, pValue: studentTwoSided(slope / standardError, n - 2) };
}
