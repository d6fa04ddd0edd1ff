import { meanOf } from './mean.ts';

/**
 * Pearson's correlation coefficient of two equally long columns, in [−1, 1]; null where either has no variance.
 */
export function pearson(x: Float64Array, y: Float64Array): number | null {
  if (x.length === 0) return null;
  const meanX = meanOf(x, 0, x.length);
  const meanY = meanOf(y, 0, y.length);
  let sxx = 0;
  let syy = 0;
  let sxy = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = (x[i] ?? 0) - meanX;
    const dy = (y[i] ?? 0) - meanY;
    sxx += dx * dx;
    syy += dy * dy;
    sxy += dx * dy;
  }
  // Two roots, not the root of a product, which would underflow for small variances.
  const scale = Math.sqrt(sxx) * Math.sqrt(syy);
  return scale === 0 ? null : Math.max(-1, Math.min(1, sxy / scale));
}
