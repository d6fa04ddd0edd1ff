import type { AnalysedMetric, ItemResult, MetricResult } from '../../lambdas/domain/report/document.ts';

/** When the change began that a creative's row stands for. */
export interface Since {
  readonly day: string;
  readonly metric: 'ctr' | 'cpc';
}

/**
 * The onset of the latest run of `worse` changes: of the CTR, or where the CTR has none, of the CPC. A run that ended
 * in a change for the better is over; null when nothing got worse and stayed so.
 */
export function worseSince({ metrics }: ItemResult): Since | null {
  const ctr = onset(metrics.ctr);
  if (ctr !== null) return { day: ctr, metric: 'ctr' };
  const cpc = onset(metrics.cpc);
  return cpc === null ? null : { day: cpc, metric: 'cpc' };
}

function onset(metric: MetricResult | null): string | null {
  if (metric === null || !isAnalysed(metric)) return null;
  let day: string | null = null;
  for (const change of metric.changePoints.toReversed()) {
    if (change.direction !== 'worse') break;
    day = change.onsetDay;
  }
  return day;
}

export function isAnalysed(metric: MetricResult): metric is AnalysedMetric {
  return 'changePoints' in metric;
}
