import { actionOf } from '../../domain/report/action.ts';
import type { ItemResult, MetricResult } from '../../domain/report/document.ts';
import { itemKey } from '../../domain/report/item-key.ts';
import { lastingChange } from '../../domain/report/lasting-change.ts';
import { isAnalysed } from '../../domain/report/since.ts';
import type { ChangeMark, ItemSummary, MetricSummary } from '../../ports/result-store.ts';

/** Columns of `items` past its key, as parameters are recorded and rows read. */
export const ITEM_COLUMNS = {
  key: 'text',
  id: 'text',
  search_name: 'text',
  status: 'text',
  excluded: 'text',
  risk_score: 'double precision',
  health_score: 'double precision',
  impressions: 'bigint',
  clicks: 'bigint',
  spend: 'double precision',
  days: 'integer',
  from_day: 'date',
  to_day: 'date',
  actual_overspend: 'double precision',
  actual_overspend_pct: 'double precision',
  engagement_gap_clicks: 'double precision',
  ctr_trend: 'text',
  replace: 'boolean',
  action: 'text',
  change_direction: 'text',
  changed_on: 'date',
  changed_metric: 'text',
  ctr_latest: 'double precision',
  ctr_benchmark: 'double precision',
  has_cpc: 'boolean',
  cpc_latest: 'double precision',
  cpc_benchmark: 'double precision',
  rationale: 'text',
} as const;

/** A row of `items` past its key. */
export interface ItemRow {
  readonly key: string;
  readonly id: string;
  readonly search_name: string;
  readonly status: ItemSummary['status'];
  readonly excluded: ItemSummary['excluded'];
  readonly risk_score: number | null;
  readonly health_score: number | null;
  readonly impressions: number;
  readonly clicks: number;
  readonly spend: number | null;
  readonly days: number;
  readonly from_day: string | null;
  readonly to_day: string | null;
  readonly actual_overspend: number | null;
  readonly actual_overspend_pct: number | null;
  readonly engagement_gap_clicks: number | null;
  readonly ctr_trend: ItemSummary['ctrTrend'];
  readonly replace: boolean;
  readonly action: ItemSummary['action'];
  readonly change_direction: 'worse' | 'better' | null;
  readonly changed_on: string | null;
  readonly changed_metric: 'ctr' | 'cpc' | null;
  readonly ctr_latest: number | null;
  readonly ctr_benchmark: number | null;
  readonly has_cpc: boolean;
  readonly cpc_latest: number | null;
  readonly cpc_benchmark: number | null;
  readonly rationale: string;
}

export interface ChangePointRow {
  readonly key: string;
  readonly metric: 'ctr' | 'cpc';
  readonly number: number;
  readonly day: string;
  readonly onset_day: string;
  readonly direction: ChangeMark['direction'];
  readonly score: number;
}

/** A name as it is searched in and for: the same for all ways to write it that look alike, whatever the case. */
export function searchName(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

export function itemRow(item: ItemResult): ItemRow {
  const { id, totals, metrics, impact, verdict } = item;
  const { ctr, cpc } = metrics;
  const change = lastingChange(item);
  const [ctrSummary, cpcSummary] = [metricSummary(ctr), metricSummary(cpc)];
  return {
    key: itemKey(id),
    id,
    search_name: searchName(id),
    status: verdict.fatigueStatus,
    excluded: 'excluded' in ctr && (cpc === null || 'excluded' in cpc) ? ctr.excluded.reason : null,
    risk_score: verdict.riskScore,
    health_score: verdict.healthScore,
    impressions: totals.impressions,
    clicks: totals.clicks,
    spend: totals.spend,
    days: totals.days,
    from_day: totals.from,
    to_day: totals.to,
    actual_overspend: impact.actualOverspend,
    actual_overspend_pct: impact.actualOverspendPct,
    engagement_gap_clicks: impact.engagementGapClicks,
    ctr_trend: verdict.ctrTrend,
    replace: verdict.replacementRecommended,
    action: actionOf(item),
    change_direction: change?.direction ?? null,
    changed_on: change?.day ?? null,
    changed_metric: change?.metric ?? null,
    ctr_latest: ctrSummary.latest,
    ctr_benchmark: ctrSummary.benchmark,
    has_cpc: cpc !== null,
    cpc_latest: cpcSummary.latest,
    cpc_benchmark: cpcSummary.benchmark,
    rationale: verdict.rationale,
  };
}

function metricSummary(metric: MetricResult | null): MetricSummary {
  if (metric === null || !isAnalysed(metric)) return { latest: null, benchmark: null };
  return { latest: metric.segments.at(-1)?.mean ?? null, benchmark: metric.benchmark?.value ?? null };
}

export function changePointRows({ metrics }: ItemResult, key: string): ChangePointRow[] {
  return (['ctr', 'cpc'] as const).flatMap((metric) => {
    const result = metrics[metric];
    if (result === null || !isAnalysed(result)) return [];
    return result.changePoints.map(({ day, onsetDay, direction, score }, number) => {
      return { key, metric, number, day, onset_day: onsetDay, direction, score };
    });
  });
}

/** The line of a list for a row. */
export function itemSummary(row: ItemRow, changePoints: readonly ChangeMark[]): ItemSummary {
  const { change_direction: direction, changed_on: day, changed_metric: metric } = row;
  return {
    key: row.key,
    id: row.id,
    status: row.status,
    excluded: row.excluded,
    riskScore: row.risk_score,
    healthScore: row.health_score,
    impressions: row.impressions,
    clicks: row.clicks,
    spend: row.spend,
    days: row.days,
    from: row.from_day,
    to: row.to_day,
    actualOverspend: row.actual_overspend,
    actualOverspendPct: row.actual_overspend_pct,
    engagementGapClicks: row.engagement_gap_clicks,
    ctrTrend: row.ctr_trend,
    replacementRecommended: row.replace,
    action: row.action,
    changed: direction === null || day === null || metric === null ? null : { direction, day, metric },
    ctr: { latest: row.ctr_latest, benchmark: row.ctr_benchmark },
    cpc: row.has_cpc ? { latest: row.cpc_latest, benchmark: row.cpc_benchmark } : null,
    rationale: row.rationale,
    changePoints,
  };
}
