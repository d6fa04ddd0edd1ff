import { type CsvColumn, csvHeader, csvRow } from './csv-table.ts';
import type { AnalysedMetric, AnalysisDocument, ItemResult, MetricResult } from './document.ts';
import { worseSince } from './since.ts';

type Column = CsvColumn<ItemResult>;

/**
 * `analysis_report.csv` (analysis spec §10): the library's columns in its order, then ours; rows in the document's order.
 */
export function reportCsv({ currency, items }: Pick<AnalysisDocument, 'currency' | 'items'>): string {
  const columns = [...libraryColumns(currency), ...ourColumns(currency)];
  return csvHeader(columns) + items.map((item) => csvRow(columns, item)).join('');
}

function libraryColumns(currency: string): Column[] {
  const suffix = currency.toLowerCase();
  return [
    ['Item ID', ({ id }) => id],
    [`Total Spend (${currency})`, ({ totals }) => totals.spend],
    [`actual_overspend_${suffix}`, ({ impact }) => impact.actualOverspend],
    ['actual_overspend_pct', ({ impact }) => impact.actualOverspendPct],
    ['engagement_gap_clicks', ({ impact }) => impact.engagementGapClicks],
    [`engagement_gap_${suffix}_reference`, ({ impact }) => impact.engagementGapReference],
    ['CTR Trend', ({ verdict }) => verdict.ctrTrend],
    ['Creative Health Score', ({ verdict }) => verdict.healthScore],
  ];
}

function ourColumns(currency: string): Column[] {
  return [
    ['Fatigue Status', ({ verdict }) => verdict.fatigueStatus],
    ['Risk Score', ({ verdict }) => verdict.riskScore],
    ['Replacement Recommended', ({ verdict }) => verdict.replacementRecommended],
    ['Since', (item) => worseSince(item)?.day ?? null],
    ['Since Metric', (item) => worseSince(item)?.metric ?? null],
    ['CTR Change Points', ({ metrics }) => changeDays(metrics.ctr)],
    ['CPC Change Points', ({ metrics }) => changeDays(metrics.cpc)],
    ['Benchmark CTR', ({ metrics }) => analysed(metrics.ctr)?.benchmark?.value ?? null],
    ['Latest CTR', ({ metrics }) => analysed(metrics.ctr)?.segments.at(-1)?.mean ?? null],
    [`Benchmark CPC (${currency})`, ({ metrics }) => analysed(metrics.cpc)?.benchmark?.value ?? null],
    [`Latest CPC (${currency})`, ({ metrics }) => analysed(metrics.cpc)?.segments.at(-1)?.mean ?? null],
    [`actual_overspend_net_${currency.toLowerCase()}`, ({ impact }) => impact.actualOverspendNet],
    ['engagement_gap_clicks_net', ({ impact }) => impact.engagementGapClicksNet],
    ['Impressions', ({ totals }) => totals.impressions],
    ['Clicks', ({ totals }) => totals.clicks],
    ['Observed Days', ({ totals }) => totals.days],
    ['From', ({ totals }) => totals.from],
    ['To', ({ totals }) => totals.to],
    ['CTR Excluded', ({ metrics }) => exclusionReason(metrics.ctr)],
    ['CPC Excluded', ({ metrics }) => exclusionReason(metrics.cpc)],
    ['Rationale', ({ verdict }) => verdict.rationale],
  ];
}

function analysed(metric: MetricResult | null): AnalysedMetric | null {
  return metric === null || 'excluded' in metric ? null : metric;
}

function exclusionReason(metric: MetricResult | null): string | null {
  return metric !== null && 'excluded' in metric ? metric.excluded.reason : null;
}

/** Every change as onset day and direction: `2025-05-03 worse; 2025-06-01 better`. */
function changeDays(metric: MetricResult | null): string {
  const changes = analysed(metric)?.changePoints ?? [];
  return changes.map(({ onsetDay, direction }) => `${onsetDay} ${direction}`).join('; ');
}
