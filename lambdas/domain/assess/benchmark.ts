import type { AnalysisParameters } from '../parameters.ts';
import type { Segment } from '../report/document.ts';
import { type Metric, type MetricSeries, ratio, type Sums, sumsOf } from './series.ts';

/** Fewest observations the `best` rule wants of a benchmark segment, while one has so many (analysis spec §7). */
const BEST_MINIMUM = 14;

/** A segment to compare with, its sums, and their ratio: clicks / impressions, or currency units per click. */
export interface BenchmarkSegment {
  readonly segment: Segment;
  readonly sums: Sums;
  readonly value: number;
}

/** A series that has a benchmark. */
export interface Benchmarked {
  readonly series: MetricSeries;
  readonly segments: readonly Segment[];
  readonly benchmark: BenchmarkSegment;
}

/** The segment an item's metric is compared with, or null when none is stable or improving for long enough (§7). */
export function benchmarkOf(
  series: MetricSeries,
  segments: readonly Segment[],
  parameters: AnalysisParameters,
): BenchmarkSegment | null {
  const sound = segments
    .filter(({ trend }) => trend === 'stable' || trend === 'improving')
    .map((segment): BenchmarkSegment => {
      const sums = sumsOf(series, segment.start, segment.end);
      return { segment, sums, value: ratio(series.metric, sums) };
    });
  const atLeast = (n: number) => sound.filter(({ segment }) => segment.n >= n);
  if (parameters.benchmarkRule === 'longest') return greatest(atLeast(parameters.windowSize), byLength);
  const long = atLeast(BEST_MINIMUM);
  const candidates = long.length > 0 ? long : atLeast(parameters.windowSize);
  return greatest(candidates, (a, b) => byValue(series.metric, a, b) || byLength(a, b));
}

/** The greatest of some segments in order of time; of equal ones the later. */
function greatest(
  candidates: readonly BenchmarkSegment[],
  compare: (a: BenchmarkSegment, b: BenchmarkSegment) => number,
): BenchmarkSegment | null {
  let best: BenchmarkSegment | null = null;
  for (const candidate of candidates) if (best === null || compare(candidate, best) >= 0) best = candidate;
  return best;
}

function byLength(a: BenchmarkSegment, b: BenchmarkSegment): number {
  return a.segment.n - b.segment.n;
}

/** Positive where `a` is the better value: a higher CTR, a lower CPC. */
function byValue(metric: Metric, a: BenchmarkSegment, b: BenchmarkSegment): number {
  return metric === 'ctr' ? a.value - b.value : b.value - a.value;
}
