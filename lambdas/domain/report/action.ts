import type { ItemResult, MetricResult } from './document.ts';
import { isAnalysed } from './since.ts';

/** What is to be done about a creative, most urgent first. */
export const ACTIONS = ['replace', 'refresh', 'watch'] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * What to do about a creative: replace what is recommended to be, refresh what wears out early, watch what is healthy
 * while a metric declines, or may decline after a change for the worse; null when nothing is to be done.
 */
export function actionOf({ verdict, metrics }: ItemResult): Action | null {
  if (verdict.replacementRecommended) return 'replace';
  if (verdict.fatigueStatus === 'early_fatigue') return 'refresh';
  if (verdict.fatigueStatus !== 'healthy') return null;
  return mayDecline(metrics.ctr) || mayDecline(metrics.cpc) ? 'watch' : null;
}

function mayDecline(metric: MetricResult | null): boolean {
  if (metric === null || !isAnalysed(metric)) return false;
  const trend = metric.segments.at(-1)?.trend;
  if (trend === 'declining') return true;
  return trend === 'undetermined' && metric.changePoints.at(-1)?.direction === 'worse';
}
