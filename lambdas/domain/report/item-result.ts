import type { Assessment } from '../assess/assessment.ts';
import type { BenchmarkSegment } from '../assess/benchmark.ts';
import type { MetricSeries } from '../assess/series.ts';
import type { ChangePoint } from '../detect/detector.ts';
import { summariseDistances } from '../detect/distances.ts';
import { formatDay } from '../observation/day.ts';
import type { AnalysisParameters } from '../parameters.ts';
import type { ItemDays } from '../totals/item-days.ts';
import type { AnalysedMetric, Benchmark, ItemResult, MetricResult, ReportedChangePoint } from './document.ts';
import { exactSum } from './exact-sum.ts';

/** Totals of an item; `spendMicros` is exact, `spend` the same in currency units. */
export interface ItemTotals {
  readonly totals: ItemResult['totals'];
  readonly spendMicros: number | null;
}

/** Totals of one item (analysis spec §2, §10). @throws AnalysisError `overflow` */
export function itemTotals({ id, days, impressions, clicks, spendMicros }: ItemDays): ItemTotals {
  const [first, last] = [days[0], days.at(-1)];
  const micros = spendMicros === null ? null : exactSum(spendMicros, `spend in millionths of "${id}"`);
  return {
    totals: {
      impressions: exactSum(impressions, `impressions of "${id}"`),
      clicks: exactSum(clicks, `clicks of "${id}"`),
      spend: micros === null ? null : micros / 1e6,
      days: days.length,
      from: first === undefined ? null : formatDay(first),
      to: last === undefined ? null : formatDay(last),
    },
    spendMicros: micros,
  };
}

/** A metric of an item as the document shows it (analysis spec §10). */
export function metricResult(assessment: Assessment, parameters: AnalysisParameters): MetricResult {
  if ('excluded' in assessment) return { excluded: assessment.excluded };
  const { series, distances, detection, segments, benchmark } = assessment;
  const { name, limit, start, values } = detection.statistic;
  return {
    n: series.days.length,
    distances: reportedDistances(distances, parameters),
    statistic: { name, limit: values.length === 0 ? null : limit, start, values: numbersOf(values) },
    changePoints: detection.changePoints.map((change) =>
      reportedChange(series, change, distances[change.index - parameters.windowSize] ?? null),
    ),
    segments,
    benchmark: benchmark === null ? null : reportedBenchmark(benchmark),
    benchmarkReason: benchmark === null ? 'no_stable_segment' : null,
  };
}

/** The numbers as JSON takes them. `Array.from` takes ten times as long. */
function numbersOf(values: Float64Array): number[] {
  const numbers = new Array<number>(values.length);
  for (let i = 0; i < values.length; i++) numbers[i] = values[i] ?? 0;
  return numbers;
}

function reportedDistances(
  distances: Float64Array,
  parameters: AnalysisParameters,
): AnalysedMetric['distances'] {
  const summary = summariseDistances(distances, parameters.threshold);
  return {
    ...(summary ?? { mean: null, sd: null, threshold: null, max: null }),
    ...(parameters.includeDistances ? { values: numbersOf(distances) } : {}),
  };
}

function reportedChange(
  { days }: MetricSeries,
  { index, onsetIndex, direction, score }: ChangePoint,
  distance: number | null,
): ReportedChangePoint {
  const day = formatDay(days[index] ?? 0);
  return { index, day, onsetIndex, onsetDay: formatDay(days[onsetIndex] ?? 0), direction, score, distance };
}

function reportedBenchmark({ segment: { start, end, from, to }, value }: BenchmarkSegment): Benchmark {
  return { start, end, from, to, value };
}
