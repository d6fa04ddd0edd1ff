import type { MetricSeries } from '../assess/series.ts';
import { logSignatureLength, slidingLogSignatures } from '../signature/index.ts';
import { meanOf } from '../statistics/mean.ts';
import { rescaledSteps } from './rescaled-steps.ts';
import { slidingRanges } from './sliding-range.ts';

/** Which windows are compared, and how closely: the parameters of analysis spec §4. */
export interface WindowSettings {
  /** Observations in a window, at least 2. */
  readonly windowSize: number;
  /** Truncation depth of the log-signatures, 1 to 5. */
  readonly signatureDepth: number;
}

/** Memory that is used again: making it anew for every series costs as much as computing its signatures. */
class Scratch {
  #numbers = new Float64Array(0);

  /** `length` numbers of no particular value. */
  take(length: number): Float64Array {
    if (this.#numbers.length < length) this.#numbers = new Float64Array(length);
    return this.#numbers.subarray(0, length);
  }
}

const scratch = {
  path: new Scratch(),
  coordinates: new Scratch(),
  spans: new Scratch(),
  ranges: new Scratch(),
};

/**
 * How far the shape of each window is from that of the window before it (analysis spec §4): the Euclidean distance
 * between the log-signatures of the normalised windows that end at t and at t − 1.
 *
 * The windows are not normalised one by one. A signature does not see where a path starts, and scaling a letter scales
 * the coefficients of its words, so the log-signatures of the raw path are rescaled.
 *
 * @returns T − windowSize distances, the first that of observation t = windowSize; none for a series that short
 */
export function windowDistances(
  series: MetricSeries,
  { windowSize, signatureDepth }: WindowSettings,
): Float64Array {
  const length = series.days.length;
  if (length <= windowSize) return new Float64Array(0);
  const windows = length - windowSize + 1;
  const shape = { dimension: 2, depth: signatureDepth };
  const coordinates = scratch.coordinates.take(windows * logSignatureLength(shape.dimension, shape.depth));
  slidingLogSignatures(pathOf(series), { ...shape, window: windowSize, out: coordinates });
  const spans = spansOf(series.days, windowSize, windows);
  const ranges = scratch.ranges.take(windows);
  slidingRanges(series.values, windowSize, ranges);
  const distances = new Float64Array(windows - 1);
  rescaledSteps({ depth: signatureDepth, coordinates, spans, ranges }, distances);
  return distances;
}

/** The path (day, value), days counted from the first so that they cost no digits. */
function pathOf({ days, values }: MetricSeries): Float64Array {
  const path = scratch.path.take(2 * days.length);
  const origin = days[0] ?? 0;
  for (let i = 0; i < days.length; i++) {
    path[2 * i] = (days[i] ?? 0) - origin;
    path[2 * i + 1] = values[i] ?? 0;
  }
  return path;
}

/** Days from the first to the last observation of each window. */
function spansOf(days: Int32Array, windowSize: number, windows: number): Float64Array {
  const spans = scratch.spans.take(windows);
  for (let window = 0; window < windows; window++) {
    spans[window] = (days[window + windowSize - 1] ?? 0) - (days[window] ?? 0);
  }
  return spans;
}

/** What a report says of a series' distances; `threshold` is where the shape detector alarms (analysis spec §5). */
export interface DistanceSummary {
  readonly mean: number;
  /** Population standard deviation. */
  readonly sd: number;
  readonly threshold: number;
  readonly max: number;
}

/** Summary of some distances with threshold mean + k · sd; null when there are none. */
export function summariseDistances(distances: Float64Array, k: number): DistanceSummary | null {
  const n = distances.length;
  if (n === 0) return null;
  const mean = meanOf(distances, 0, n);
  let squares = 0;
  let max = 0;
  for (let i = 0; i < n; i++) {
    const distance = distances[i] ?? 0;
    squares += (distance - mean) * (distance - mean);
    if (distance > max) max = distance;
  }
  const sd = Math.sqrt(squares / n);
  return { mean, sd, threshold: mean + k * sd, max };
}
