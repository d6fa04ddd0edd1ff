import { resolveParameters } from '../../lambdas/domain/parameters.ts';
import type {
  AnalysedMetric,
  AnalysisDocument,
  FatigueStatus,
  ItemResult,
  MetricResult,
  ReportedChangePoint,
} from '../../lambdas/domain/report/document.ts';

export function change(
  onsetDay: string,
  direction: ReportedChangePoint['direction'] = 'worse',
): ReportedChangePoint {
  return { index: 20, day: onsetDay, onsetIndex: 18, onsetDay, direction, score: 5, distance: null };
}

export function analysedMetric(...changePoints: ReportedChangePoint[]): AnalysedMetric {
  return {
    n: 60,
    distances: { mean: 0.1, sd: 0.1, threshold: 0.3, max: 0.5 },
    statistic: { name: 'level', limit: 3, start: 16, values: [] },
    changePoints,
    segments: [],
    benchmark: null,
    benchmarkReason: 'no_stable_segment',
  };
}

export const tooShort: MetricResult = { excluded: { reason: 'too_few_days', n: 12, gap: 1, density: 1 } };

interface ItemGiven {
  readonly id: string;
  readonly status?: FatigueStatus;
  readonly risk?: number | null;
  readonly overspend?: number | null;
  readonly lostClicks?: number | null;
  readonly ctr?: MetricResult;
  readonly cpc?: MetricResult | null;
}

export function itemResult(given: ItemGiven): ItemResult {
  const { id, status = 'healthy', risk = 0.5, overspend = 10, lostClicks = 20 } = given;
  return {
    id,
    totals: { impressions: 1000, clicks: 10, spend: 5, days: 60, from: '2025-01-01', to: '2025-03-01' },
    metrics: {
      ctr: given.ctr ?? analysedMetric(),
      cpc: given.cpc === undefined ? analysedMetric() : given.cpc,
    },
    impact: {
      actualOverspend: overspend,
      actualOverspendPct: null,
      actualOverspendNet: null,
      engagementGapClicks: lostClicks,
      engagementGapClicksNet: null,
      engagementGapReference: null,
      correlation: { r: null, n: 0, inverse: false },
    },
    verdict: {
      ctrTrend: 'Stable',
      fatigueStatus: status,
      healthScore: 0.9,
      riskScore: risk,
      replacementRecommended: false,
      rationale: 'Nothing happened.',
    },
  };
}

export function documentOf(
  items: readonly ItemResult[],
  given: Partial<AnalysisDocument> = {},
): AnalysisDocument {
  const analysed = items.filter(({ metrics }) => 'changePoints' in metrics.ctr).length;
  return {
    engineVersion: '0',
    currency: 'GBP',
    parameters: { ...resolveParameters(), detectorVersion: 1 },
    rows: { read: 100, rejected: 0, reasons: {}, samples: [] },
    totals: {
      items: items.length,
      analysed,
      excluded: items.length - analysed,
      impressions: 1000,
      clicks: 10,
      spend: 1000,
      actualOverspend: 32,
      engagementGapClicks: 121_440,
      from: '2025-03-03',
      to: '2025-06-06',
    },
    items,
    ...given,
  };
}
