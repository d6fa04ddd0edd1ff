import type { ItemResult, MetricResult } from './document.ts';
import { isAnalysed, type Since, worseSince } from './since.ts';

/** Which way a creative changed. */
export const CHANGES = ['worse', 'better'] as const;
export type Change = (typeof CHANGES)[number];

export interface LastingChange extends Since {
  readonly direction: Change;
}

/**
 * The change that a creative's row stands for: since when it does worse, or where it does not, since when better, by
 * the latest run of changes for the better of the CTR, else of the CPC; null when nothing changed and stayed so.
 */
export function lastingChange(item: ItemResult): LastingChange | null {
  const worse = worseSince(item);
  if (worse !== null) return { ...worse, direction: 'worse' };
  for (const metric of ['ctr', 'cpc'] as const) {
    const day = betterSince(item.metrics[metric]);
    if (day !== null) return { day, metric, direction: 'better' };
  }
  return null;
}

function betterSince(metric: MetricResult | null): string | null {
  if (metric === null || !isAnalysed(metric)) return null;
  const before = metric.changePoints.findLastIndex(({ direction }) => direction !== 'better');
  return metric.changePoints[before + 1]?.onsetDay ?? null;
}
