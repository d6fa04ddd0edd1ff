import type { MetricSeries } from '../assess/series.ts';
import type { AnalysisParameters, DetectorName } from '../parameters.ts';

export type Direction = 'worse' | 'better' | 'none';

/** One change in a metric series. Indexes count the observations of the series from 0. */
export interface ChangePoint {
  /** The observation at which the change was detected: nothing after it was used to find it. */
  readonly index: number;
  /** The observation at which the change most likely began; equals `index` for the shape detector. */
  readonly onsetIndex: number;
  readonly direction: Direction;
  /** The largest |z| (level) or the window distance (shape) at detection. */
  readonly score: number;
}

/** The series that decided, for plots: `values[j]` belongs to observation `start + j`. */
interface Statistic {
  readonly name: string;
  readonly limit: number;
  readonly start: number;
  readonly values: Float64Array;
}

export interface Detection {
  /** In order of `index`. */
  readonly changePoints: readonly ChangePoint[];
  readonly statistic: Statistic;
}

/**
 * The seam between the analysis and a detection method (analysis spec §5).
 *
 * `distances` are the window distances of the series (spec §4), which every report carries and which the shape
 * detector decides on. A detector is a pure function of its arguments; `version` grows with every change of its output.
 */
export interface Detector {
  readonly name: DetectorName;
  readonly version: number;
  detect(series: MetricSeries, distances: Float64Array, parameters: AnalysisParameters): Detection;
  /** The observation at which a change point cuts the series into segments (spec §5, last sentence). */
  cut(change: ChangePoint): number;
}
