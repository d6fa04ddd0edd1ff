import { type Counts, squaredDispersion } from '../../lambdas/domain/detect/level-regime.ts';
import type { Alarm } from './methods.ts';

const CALIBRATION = 14;
const DRIFT = 0.5;
/** Days join the baseline while both sums are below this share of the threshold. */
const LEARN_BELOW = 0.6;
const DISPERSION = { priorDispersion: 0.12, priorDays: 10, leastDispersion: 0.02 };

/**
 * Two-sided CUSUM of z = (c − e)/√(e + e²κ̂²) with drift 0.5 and a running baseline: rate and κ̂ from the first 14
 * observations, later ones join the rate while nothing is suspected. The onset is the first observation after the last
 * zero of the sum that crossed. After an alarm everything is calibrated anew from the onset on; the next alarm is on a
 * later observation.
 */
export function cusum(counts: Counts, threshold: number): Alarm[] {
  const alarms: Alarm[] = [];
  let alarm = firstAlarm(counts, 0, CALIBRATION, threshold);
  while (alarm !== null) {
    alarms.push(alarm);
    alarm = firstAlarm(counts, alarm.onsetIndex, alarm.index + 1, threshold);
  }
  return alarms;
}

/** The first alarm of a regime that begins at `start`, on observation `earliest` or later; null without any. */
function firstAlarm(
  { clicks, exposure }: Counts,
  start: number,
  earliest: number,
  threshold: number,
): Alarm | null {
  const from = start + CALIBRATION;
  let seen = 0;
  let shown = 0;
  for (let i = start; i < from; i++) {
    seen += clicks[i] ?? 0;
    shown += exposure[i] ?? 0;
  }
  if (shown === 0) return null;
  const dispersion = squaredDispersion({ clicks, exposure }, start, from, (seen + 0.5) / shown, DISPERSION);
  let worse = 0;
  let better = 0;
  let worseFrom = from;
  let betterFrom = from;
  for (let t = from; t < clicks.length; t++) {
    const expected = ((seen + 0.5) / shown) * (exposure[t] ?? 0);
    const residual = (clicks[t] ?? 0) - expected;
    const z = expected > 0 ? residual / Math.sqrt(expected + expected * expected * dispersion) : 0;
    worse = Math.max(0, worse - z - DRIFT);
    better = Math.max(0, better + z - DRIFT);
    if (worse === 0) worseFrom = t + 1;
    if (better === 0) betterFrom = t + 1;
    if (t >= earliest && worse > threshold) return { index: t, onsetIndex: worseFrom, direction: 'worse' };
    if (t >= earliest && better > threshold) return { index: t, onsetIndex: betterFrom, direction: 'better' };
    if (Math.max(worse, better) < LEARN_BELOW * threshold) {
      seen += clicks[t] ?? 0;
      shown += exposure[t] ?? 0;
    }
  }
  return null;
}
