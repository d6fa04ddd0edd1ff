/**
 * Two figures closer than this share of the larger are the same figure: the analysis promises its numbers to 1e-9
 * relative, so no rule may turn on less.
 */
const SAME = 1e-9;

/** −1, 0 or 1 as `a` is below, the same as, or above `b`. */
export function compareFigures(a: number, b: number): -1 | 0 | 1 {
  const difference = a - b;
  if (Math.abs(difference) <= SAME * Math.max(Math.abs(a), Math.abs(b))) return 0;
  return difference < 0 ? -1 : 1;
}
