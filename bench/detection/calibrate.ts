import type { LabelledSeries } from './generate.ts';
import type { Method } from './methods.ts';
import { type SeriesOutcome, scoreSeries } from './score.ts';

/** The share of no-event series with a worse alarm at which detectors are compared. */
const FALSE_ALARMS = 0.05;
/** Halvings of the range on a logarithmic scale: a threshold to 0.1 %. */
const HALVINGS = 11;

export function runMethod(
  method: Method,
  threshold: number,
  all: readonly LabelledSeries[],
): SeriesOutcome[] {
  return all.map((labelled) => scoreSeries(labelled, method.find(labelled.series, threshold)));
}

/**
 * The smallest threshold that keeps the share of no-event series with a worse alarm at 5 %. The detector is run again
 * for every threshold: alarms filtered by score would be others, for an alarm restarts a sequential detector.
 */
export function matchThreshold(method: Method, quiet: readonly LabelledSeries[]): number {
  let [low, high] = method.range;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = Math.sqrt(low * high);
    const alarmed = quiet.filter(({ series }) =>
      method.find(series, middle).some((alarm) => alarm.direction === 'worse'),
    );
    if (alarmed.length > FALSE_ALARMS * quiet.length) low = middle;
    else high = middle;
  }
  return high;
}
