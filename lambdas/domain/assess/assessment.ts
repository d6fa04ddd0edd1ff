import type { Detection } from '../detect/detector.ts';
import { windowDistances } from '../detect/distances.ts';
import { detectors } from '../detect/index.ts';
import type { AnalysisParameters } from '../parameters.ts';
import type { ExcludedMetric, Segment } from '../report/document.ts';
import { type Benchmarked, type BenchmarkSegment, benchmarkOf } from './benchmark.ts';
import { exclusionOf } from './exclusion.ts';
import { segmentsOf } from './segments.ts';
import type { MetricSeries } from './series.ts';

/** What the analysis found in one series (analysis spec §4 to §7). */
export interface AnalysedSeries {
  readonly series: MetricSeries;
  /** `distances[j]` belongs to observation windowSize + j. */
  readonly distances: Float64Array;
  readonly detection: Detection;
  /** In order of time; at least one. */
  readonly segments: readonly Segment[];
  readonly benchmark: BenchmarkSegment | null;
}

/** A series is analysed, or it is excluded for a reason (analysis spec §3). */
export type Assessment = AnalysedSeries | { readonly excluded: ExcludedMetric['excluded'] };

/** Windows, change points, segments and benchmark of one series, unless it is excluded. */
export function assess(series: MetricSeries, parameters: AnalysisParameters): Assessment {
  const excluded = exclusionOf(series, parameters);
  if (excluded !== null) return { excluded };
  const detector = detectors[parameters.detector];
  const distances = windowDistances(series, parameters);
  const detection = detector.detect(series, distances, parameters);
  const segments = segmentsOf(series, detection.changePoints.map(detector.cut));
  return { series, distances, detection, segments, benchmark: benchmarkOf(series, segments, parameters) };
}

/** The part of an assessment that impact figures need, or null when there is no benchmark. */
export function benchmarked(assessment: Assessment | null): Benchmarked | null {
  if (assessment === null || 'excluded' in assessment || assessment.benchmark === null) return null;
  return { series: assessment.series, segments: assessment.segments, benchmark: assessment.benchmark };
}

/** The newest segment of an analysed series. */
export function latestSegment({ segments }: { readonly segments: readonly Segment[] }): Segment {
  const latest = segments.at(-1);
  if (latest === undefined) throw new RangeError('a series has no segments');
  return latest;
}
