import type { AnalysedMetric, ItemResult, MetricResult } from './document.ts';

/** When the change began that a creative's row stands for. */
export interface Since {
  readonly day: string;
  readonly metric: 'ctr' | 'cpc';
}

/**
 * Since when a creative does worse: the onset of the latest run of `worse` changes of the CTR. A change for the better
 * ends a run; where it did not bring a fatigued creative back, the first `worse` change after the benchmark counts.
 * Without any of these the CPC's run is given; null when nothing got worse and stayed so.
 */
export function worseSince({ metrics, verdict }: ItemResult): Since | null {
  const isFatigued = verdict.fatigueStatus === 'fatigued' || verdict.fatigueStatus === 'terminal_decline';
  const ctr = latestRun(metrics.ctr) ?? (isFatigued ? firstAfterBenchmark(metrics.ctr) : null);
  if (ctr !== null) return { day: ctr, metric: 'ctr' };
  const cpc = latestRun(metrics.cpc);
  return cpc === null ? null : { day: cpc, metric: 'cpc' };
}

function latestRun(metric: MetricResult | null): string | null {
  if (metric === null || !isAnalysed(metric)) return null;
  const { changePoints } = metric;
  const before = changePoints.findLastIndex(({ direction }) => direction !== 'worse');
  return changePoints[before + 1]?.onsetDay ?? null;
}

function firstAfterBenchmark(metric: MetricResult): string | null {
  if (!isAnalysed(metric)) return null;
  const end = metric.benchmark?.end ?? 0;
  const first = metric.changePoints.find(
    ({ direction, onsetIndex }) => direction === 'worse' && onsetIndex >= end,
  );
  return first?.onsetDay ?? null;
}

export function isAnalysed(metric: MetricResult): metric is AnalysedMetric {
  return 'changePoints' in metric;
}
