import type { ImpactScope } from '../parameters.ts';
import type { Segment } from '../report/document.ts';
import type { Benchmarked } from './benchmark.ts';
import { type Metric, type MetricSeries, type Sums, sumsOf } from './series.ts';

/**
 * How far the days in scope are worse than the benchmark, exactly, multiplied by the benchmark's own count.
 *
 * With C clicks and exposure E in the benchmark, day i is worse by exposure_i · C − E · clicks_i for either metric: over
 * E that is the clicks missing at the benchmark CTR (exposure: impressions), over C the micro-units spent above the
 * benchmark CPC (exposure: spend). All four are integers, so the sums are exact and the rounding of clicks cannot turn
 * on the last bit of a ratio.
 */
export interface Shortfall {
  /** Sum over the days that are worse. */
  readonly positive: bigint;
  /** Sum over all days in scope. */
  readonly net: bigint;
}

/** The shortfall of a series over the days of an impact scope (analysis spec §8). */
export function shortfallOf(metric: Benchmarked, scope: ImpactScope): Shortfall {
  let positive = 0n;
  let net = 0n;
  for (const segment of metric.segments) {
    if (!isInScope(metric, segment, scope)) continue;
    const part = shortfallOfSegment(metric.series, segment, metric.benchmark.sums);
    positive += part.positive;
    net += part.net;
  }
  return { positive, net };
}

/** Every scope is made of whole segments: cuts end the benchmark, and the segments after it follow without a break. */
function isInScope({ series, benchmark }: Benchmarked, segment: Segment, scope: ImpactScope): boolean {
  if (scope === 'all') return true;
  if (segment.start < benchmark.segment.end) return false;
  if (scope === 'after' || segment.trend === 'declining') return true;
  return (
    scope === 'worse' &&
    isWorseByTenth(series.metric, sumsOf(series, segment.start, segment.end), benchmark.sums)
  );
}

/**
 * Whether a ratio of sums is worse than the benchmark's by at least a tenth of it; exact at the limit. Where both sides
 * are 0 the answer makes no difference: such days have no shortfall.
 */
function isWorseByTenth(metric: Metric, sums: Sums, benchmark: Sums): boolean {
  const expected = BigInt(sums.exposure) * BigInt(benchmark.clicks);
  const actual = BigInt(benchmark.exposure) * BigInt(sums.clicks);
  return metric === 'ctr' ? 10n * actual <= 9n * expected : 10n * expected >= 11n * actual;
}

function shortfallOfSegment(
  series: MetricSeries,
  { start, end }: Segment,
  { clicks, exposure }: Sums,
): Shortfall {
  let positive = 0;
  let net = 0;
  let largest = 0;
  for (let i = start; i < end; i++) {
    const expected = (series.exposure[i] ?? 0) * clicks;
    const actual = exposure * (series.clicks[i] ?? 0);
    const difference = expected - actual;
    if (difference > 0) positive += difference;
    net += difference;
    largest += expected + actual;
  }
  // Below 2^53 none of the steps above has rounded; beyond it they are done again in whole numbers of any size.
  if (largest <= Number.MAX_SAFE_INTEGER) return { positive: BigInt(positive), net: BigInt(net) };
  return largeShortfall(series, { start, end }, { clicks, exposure });
}

function largeShortfall(
  series: MetricSeries,
  { start, end }: Pick<Segment, 'start' | 'end'>,
  benchmark: Sums,
): Shortfall {
  const [clicks, exposure] = [BigInt(benchmark.clicks), BigInt(benchmark.exposure)];
  let positive = 0n;
  let net = 0n;
  for (let i = start; i < end; i++) {
    const difference = BigInt(series.exposure[i] ?? 0) * clicks - exposure * BigInt(series.clicks[i] ?? 0);
    if (difference > 0n) positive += difference;
    net += difference;
  }
  return { positive, net };
}

/** `numerator / denominator` to the nearest integer, a half upwards. Neither is negative, the denominator not 0. */
export function roundHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
