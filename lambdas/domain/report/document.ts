import type { Direction } from '../detect/detector.ts';
import type { RowCounts } from '../observation/reject.ts';
import type { AnalysisParameters } from '../parameters.ts';

/**
 * The result document of one dataset (analysis spec §10), names and nesting exactly as published. Money is in
 * currency units, days are `YYYY-MM-DD`, absent is null.
 */
export interface AnalysisDocument {
  readonly engineVersion: string;
  readonly currency: string;
  readonly parameters: AnalysisParameters & { readonly detectorVersion: number };
  readonly rows: RowCounts;
  readonly totals: DatasetTotals;
  /** By risk score descending (null last), then id by code point. */
  readonly items: readonly ItemResult[];
  /** Only when `falseDiscoveryRate` was asked for. */
  readonly discoveries?: Discoveries;
}

export interface DatasetTotals {
  readonly items: number;
  readonly analysed: number;
  readonly excluded: number;
  readonly impressions: number;
  readonly clicks: number;
  readonly spend: number | null;
  readonly actualOverspend: number | null;
  readonly engagementGapClicks: number | null;
  readonly from: string | null;
  readonly to: string | null;
}

export interface ItemResult {
  readonly id: string;
  readonly totals: {
    readonly impressions: number;
    readonly clicks: number;
    readonly spend: number | null;
    readonly days: number;
    readonly from: string | null;
    readonly to: string | null;
  };
  readonly metrics: { readonly ctr: MetricResult; readonly cpc: MetricResult | null };
  readonly impact: Impact;
  readonly verdict: Verdict;
}

export type MetricResult = ExcludedMetric | AnalysedMetric;

export const EXCLUSION_REASONS = ['no_data', 'too_few_days', 'gap_too_long', 'too_sparse'] as const;
export type ExclusionReason = (typeof EXCLUSION_REASONS)[number];

export interface ExcludedMetric {
  readonly excluded: {
    readonly reason: ExclusionReason;
    readonly n: number;
    readonly gap: number | null;
    readonly density: number | null;
  };
}

export interface AnalysedMetric {
  readonly n: number;
  readonly distances: {
    readonly mean: number | null;
    readonly sd: number | null;
    readonly threshold: number | null;
    readonly max: number | null;
    /** `values[j]` belongs to observation `windowSize` + j; only with `includeDistances`. */
    readonly values?: readonly number[];
  };
  /** The series that decided, so that a plot shows the evidence of the verdict it stands beside. */
  readonly statistic: {
    readonly name: string;
    /** Null when the series is too short to have a statistic. */
    readonly limit: number | null;
    readonly start: number;
    /** `values[j]` belongs to observation `start` + j. */
    readonly values: readonly number[];
  };
  readonly changePoints: readonly ReportedChangePoint[];
  readonly segments: readonly Segment[];
  readonly benchmark: Benchmark | null;
  readonly benchmarkReason: 'no_stable_segment' | null;
}

export interface ReportedChangePoint {
  readonly index: number;
  readonly day: string;
  readonly onsetIndex: number;
  readonly onsetDay: string;
  readonly direction: Direction;
  readonly score: number;
  /** The window distance at `index`; null before the first distance. */
  readonly distance: number | null;
}

export type Trend = 'undetermined' | 'stable' | 'improving' | 'declining';

/** `start` is the first observation, `end` one past the last; `from` and `to` are the first and last day. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly from: string;
  readonly to: string;
  readonly n: number;
  readonly trend: Trend;
  /** Change of the metric per day. */
  readonly slope: number | null;
  readonly mean: number;
  readonly relativeChange: number | null;
  readonly pValue: number | null;
}

export interface Benchmark {
  readonly start: number;
  readonly end: number;
  readonly from: string;
  readonly to: string;
  /** Ratio of sums over the benchmark segment: clicks / impressions, or currency units per click. */
  readonly value: number;
}

export interface Impact {
  readonly actualOverspend: number | null;
  readonly actualOverspendPct: number | null;
  readonly actualOverspendNet: number | null;
  readonly engagementGapClicks: number | null;
  readonly engagementGapClicksNet: number | null;
  readonly engagementGapReference: number | null;
  readonly correlation: { readonly r: number | null; readonly n: number; readonly inverse: boolean };
}

export const FATIGUE_STATUSES = [
  'unknown',
  'terminal_decline',
  'fatigued',
  'early_fatigue',
  'healthy',
] as const;
export type FatigueStatus = (typeof FATIGUE_STATUSES)[number];

export interface Verdict {
  readonly ctrTrend: 'Declining' | 'Stable';
  readonly fatigueStatus: FatigueStatus;
  readonly healthScore: number | null;
  readonly riskScore: number | null;
  readonly replacementRecommended: boolean;
  readonly rationale: string;
}

/** Creatives whose CTR wore out at a controlled false discovery rate (detection benchmark §4, "Many creatives"). */
export interface Discoveries {
  readonly method: 'benjamini-hochberg';
  readonly falseDiscoveryRate: number;
  readonly tested: number;
  readonly items: readonly { readonly id: string; readonly pValue: number }[];
}
