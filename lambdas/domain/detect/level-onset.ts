import { compareFigures } from '../statistics/figures.ts';
import { normalisedArea } from './level-chords.ts';
import type { WeightedPath } from './level-regime.ts';
import type { LevelSettings } from './level-settings.ts';

/**
 * Where a regime that has alarmed ends: the first observation of the last L ≤ `longestSplit` observations whose z
 * against the rest (at least `leastBase` observations) is the largest of the alarm's sign; ties go to the shorter L
 * (docs/detection.md, step 4). Counts from the start of the path. `sign` is −1 or 1.
 */
export function regimeSplit(path: WeightedPath, sign: number, settings: LevelSettings): number {
  const { a, y } = path;
  const baseA = runningSums(a);
  const baseY = runningSums(y);
  const earliest = Math.max(settings.leastBase, a.length - settings.longestSplit);
  let windowA = 0;
  let windowY = 0;
  let best = 0;
  let split = earliest;
  for (let s = a.length - 1; s >= earliest; s--) {
    windowA += a[s] ?? 0;
    windowY += y[s] ?? 0;
    const z = sign * normalisedArea(baseA[s] ?? 0, baseY[s] ?? 0, windowA, windowY, settings.wander);
    if (compareFigures(z, best) > 0) {
      best = z;
      split = s;
    }
  }
  return split;
}

/** A regressor that spreads less than this share of its squares is constant to rounding. */
const NO_SPREAD = 1e-12;

/**
 * Where the change most likely began: the start s of the step or of the rising hinge max(0, i − s + 1) that, fitted
 * to the daily relative rates y/a with weights a beside a constant, removes the most weighted squares, among those of
 * the alarm's sign (docs/detection.md, step 5). Ties: the later s; `split` where none has the sign, which takes
 * counts at the limit of rounding. Counts from the start of the path; at least `onsetMargin`. `sign` is −1 or 1.
 *
 * One backward pass: the moments of the hinge at s follow from those at s + 1, because every term grows by 1.
 */
export function onset(path: WeightedPath, sign: number, split: number, settings: LevelSettings): number {
  const { a, y } = path;
  const length = a.length;
  const totalA = sum(a);
  const totalY = sum(y);
  const oldestStep = length - settings.longestSplit;
  const newestHinge = length - 2 - settings.onsetMargin;
  // Over i ≥ s: a, y, and with x = i − s + 1 also a·x, a·x², y·x.
  let tailA = 0;
  let tailY = 0;
  let tailAX = 0;
  let tailAXX = 0;
  let tailYX = 0;
  let most = 0;
  let found = split;
  for (let s = length - 1; s >= settings.onsetMargin; s--) {
    tailA += a[s] ?? 0;
    tailY += y[s] ?? 0;
    tailAXX += 2 * tailAX + tailA;
    tailAX += tailA;
    tailYX += tailY;
    const step = s < oldestStep ? 0 : removedSquares(sign, totalA, totalY, tailA, tailA, tailY);
    const hinge = s > newestHinge ? 0 : removedSquares(sign, totalA, totalY, tailAX, tailAXX, tailYX);
    const removed = Math.max(step, hinge);
    if (compareFigures(removed, most) > 0) {
      most = removed;
      found = s;
    }
  }
  return found;
}

/**
 * Weighted squares that a regressor x beside a constant removes from y/a, weights a; 0 when its slope has the other
 * sign. From the sums of a, y, a·x, a·x², y·x.
 */
function removedSquares(sign: number, a: number, y: number, ax: number, axx: number, yx: number): number {
  const spread = axx - (ax / a) * ax;
  const joint = sign * (yx - (ax / a) * y);
  return spread > NO_SPREAD * axx && joint > 0 ? (joint / spread) * joint : 0;
}

/** Entry i is the sum of the first i values; one entry more than there are values. */
function runningSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = (sums[i] ?? 0) + (values[i] ?? 0);
  return sums;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
