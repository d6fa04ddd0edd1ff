import { type Counts, LevelRegime } from './level-regime.ts';
import { firstStatistic, LEVEL_SETTINGS } from './level-settings.ts';

/**
 * Tail of the largest −z of a series without any event: P(Z ≥ z) ≈ 1 − exp(−(T − 16)·exp(INTERCEPT + SLOPE·z)),
 * fitted on the no-event series of the PUBLIC benchmark (docs/detection.md, "Many creatives").
 */
const TAIL = { intercept: -0.76, slope: -2.365 } as const;

/**
 * The p-value of "this series never fell": how likely a series of its length without any event reaches a fall as large
 * as its largest −z over all observations and windows, in one regime that never restarts. Conservative. In [0, 1]; 1
 * for a series too short for the statistic.
 */
export function wearOutPValue(counts: Counts): number {
  const length = counts.clicks.length;
  const start = firstStatistic(LEVEL_SETTINGS);
  if (length <= start) return 1;
  const regime = new LevelRegime(counts, 0, LEVEL_SETTINGS);
  let largest = 0;
  for (let t = start; t < length; t++) {
    regime.observe(t);
    largest = Math.max(largest, regime.fall);
  }
  return -Math.expm1(-(length - start) * Math.exp(TAIL.intercept + TAIL.slope * largest));
}

/**
 * Which hypotheses the Benjamini–Hochberg step-up procedure rejects at false discovery rate `q`: the k smallest
 * p-values, k the largest with p_(k) ≤ k·q/m (Benjamini & Hochberg, J. R. Statist. Soc. B 57, 1995, 289–300).
 * One flag a p-value, in their order; equal p-values share their fate.
 *
 * @throws RangeError when q or a p-value is outside [0, 1].
 */
export function benjaminiHochberg(pValues: readonly number[], q: number): boolean[] {
  requireProbability(q, 'q');
  for (const p of pValues) requireProbability(p, 'a p-value');
  const sorted = pValues.toSorted((left, right) => left - right);
  let cutoff = Number.NEGATIVE_INFINITY;
  for (const [i, p] of sorted.entries()) if (p <= ((i + 1) * q) / sorted.length) cutoff = p;
  return pValues.map((p) => p <= cutoff);
}

function requireProbability(value: number, name: string): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} is ${value}, which is not a probability`);
}
