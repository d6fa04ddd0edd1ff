import { type Counts, squaredDispersion } from '../../lambdas/domain/detect/level-regime.ts';
import type { Alarm } from './methods.ts';

const CALIBRATION = 14;
const LEAST_SEGMENT = 7;
const DISPERSION = { priorDispersion: 0.12, priorDays: 10, leastDispersion: 0.02 };

/**
 * Optimal partitioning (the optimum PELT prunes its way to; Killick, Fearnhead & Eckley 2012) of over-dispersed
 * binomial counts, run causally: an alarm is the first observation whose prefix optimum ends with a segment that
 * begins at least 7 observations after the last reported change. Cost of a segment: −2 log L of clicks in impressions,
 * both weighted by 1/(1 + eκ̂²) with rate and κ̂ of the first 14 observations; `penalty` for each segment.
 */
export function pelt(counts: Counts, penalty: number): Alarm[] {
  const length = counts.clicks.length;
  const { clicks, trials } = weightedSums(counts);
  const best = new Float64Array(length + 1).fill(Number.POSITIVE_INFINITY);
  const change = new Int32Array(length + 1);
  best[0] = 0;
  const alarms: Alarm[] = [];
  let reported = 0;
  for (let end = LEAST_SEGMENT; end <= length; end++) {
    for (let s = 0; s <= end - LEAST_SEGMENT; s = Math.max(s + 1, LEAST_SEGMENT)) {
      const cost =
        (best[s] ?? 0) +
        penalty +
        binomialCost((clicks[end] ?? 0) - (clicks[s] ?? 0), (trials[end] ?? 0) - (trials[s] ?? 0));
      if (cost < (best[end] ?? 0)) {
        best[end] = cost;
        change[end] = s;
      }
    }
    const at = change[end] ?? 0;
    if (end > CALIBRATION && at >= reported + LEAST_SEGMENT) {
      reported = at;
      const before = change[at] ?? 0;
      const rate = (from: number, to: number) =>
        ((clicks[to] ?? 0) - (clicks[from] ?? 0)) / ((trials[to] ?? 0) - (trials[from] ?? 0));
      const direction = rate(at, end) < rate(before, at) ? 'worse' : 'better';
      alarms.push({ index: end - 1, onsetIndex: at, direction });
    }
  }
  return alarms;
}

/** −2 log L of a segment at its own rate; clicks above trials (spend as exposure) cannot occur after scaling. */
function binomialCost(clicks: number, trials: number): number {
  if (clicks <= 0 || clicks >= trials) return 0;
  return -2 * (clicks * Math.log(clicks / trials) + (trials - clicks) * Math.log1p(-clicks / trials));
}

/** Running sums of weighted clicks and impressions; entry i is the sum of the first i observations. */
function weightedSums(counts: Counts): { clicks: Float64Array; trials: Float64Array } {
  const length = counts.clicks.length;
  const calibration = Math.min(CALIBRATION, length);
  let seen = 0;
  let shown = 0;
  for (let i = 0; i < calibration; i++) {
    seen += counts.clicks[i] ?? 0;
    shown += counts.exposure[i] ?? 0;
  }
  const rate = (seen + 0.5) / shown;
  const dispersion = squaredDispersion(counts, 0, calibration, rate, DISPERSION);
  const clicks = new Float64Array(length + 1);
  const trials = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) {
    const exposure = counts.exposure[i] ?? 0;
    const weight = 1 / (1 + rate * exposure * dispersion);
    clicks[i + 1] = (clicks[i] ?? 0) + weight * (counts.clicks[i] ?? 0);
    trials[i + 1] = (trials[i] ?? 0) + weight * exposure;
  }
  return { clicks, trials };
}
