import type { MetricSeries } from '../assess/series.ts';
import type { AnalysisParameters } from '../parameters.ts';
import { compareFigures } from '../statistics/figures.ts';
import { meanOf } from '../statistics/mean.ts';
import type { ChangePoint, Detection, Detector, Direction } from './detector.ts';
import { summariseDistances } from './distances.ts';

/** Fewest distances whose standard deviation means anything (analysis spec §5). */
const FEWEST_DISTANCES = 4;
/** A standard deviation up to this is rounding. */
const NO_SPREAD = 1e-12;

/**
 * The shape detector, version 1 (analysis spec §5; the library's rule, paper v3): change points where a window's
 * distance from the one before it is above mean + k standard deviations of the series' own distances.
 *
 * On series without any event it alarms on most at the library's k = 1.5 (detection benchmark §3). It is kept for
 * comparison with the library.
 */
export const shape: Detector = {
  name: 'shape',
  version: 1,
  detect(series: MetricSeries, distances: Float64Array, parameters: AnalysisParameters): Detection {
    const { windowSize, threshold, minSeparation } = parameters;
    const summary = summariseDistances(distances, threshold);
    const limit = summary?.threshold ?? 0;
    const statistic = { name: 'distance', limit, start: windowSize, values: distances };
    if (summary === null || distances.length < FEWEST_DISTANCES || summary.sd <= NO_SPREAD) {
      return { changePoints: [], statistic };
    }
    const indexes = selectPeaks(distances, limit, minSeparation).map((at) => windowSize + at);
    return { changePoints: describe(series, indexes, distances, windowSize), statistic };
  },
  cut: (change: ChangePoint): number => change.index,
};

/**
 * Greedy selection (analysis spec §5): the largest distance above the limit, then the largest of those at least
 * `separation` away from every one taken, and so on. Of distances that are the same figure the earliest is taken.
 * Returns positions in `distances`, in increasing order.
 */
function selectPeaks(distances: Float64Array, limit: number, separation: number): number[] {
  const selected: number[] = [];
  let candidates: number[] = [];
  for (let at = 0; at < distances.length; at++) if ((distances[at] ?? 0) > limit) candidates.push(at);
  while (candidates.length > 0) {
    let largest = 0;
    for (const at of candidates) largest = Math.max(largest, distances[at] ?? 0);
    const peak = candidates.find((at) => compareFigures(distances[at] ?? 0, largest) === 0) ?? 0;
    selected.push(peak);
    candidates = candidates.filter((at) => at !== peak && Math.abs(at - peak) >= separation);
  }
  return selected.sort((a, b) => a - b);
}

function describe(
  series: MetricSeries,
  indexes: readonly number[],
  distances: Float64Array,
  windowSize: number,
): ChangePoint[] {
  const { metric, values } = series;
  const bounds = [0, ...indexes, values.length];
  const means = indexes.map((index, i) => meanOf(values, index, bounds[i + 2] ?? values.length));
  const first = meanOf(values, 0, indexes[0] ?? values.length);
  return indexes.map((index, i) => ({
    index,
    onsetIndex: index,
    direction: direction(metric, means[i - 1] ?? first, means[i] ?? first),
    score: distances[index - windowSize] ?? 0,
  }));
}

function direction(metric: MetricSeries['metric'], before: number, after: number): Direction {
  const change = compareFigures(after, before);
  if (change === 0) return 'none';
  return change < 0 === (metric === 'ctr') ? 'worse' : 'better';
}
