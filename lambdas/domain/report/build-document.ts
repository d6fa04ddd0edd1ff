import { benjaminiHochberg } from '../detect/discoveries.ts';
import { detectors } from '../detect/index.ts';
import { REJECT_REASONS, type RowCounts } from '../observation/reject.ts';
import { type AnalysisParameters, resolveParameters } from '../parameters.ts';
import { ENGINE_VERSION } from '../version.ts';
import type { AnalysisDocument, DatasetTotals, Discoveries, ItemResult } from './document.ts';
import { exactSum } from './exact-sum.ts';
import { compareCodePoints, compareItems } from './order.ts';

/** One item of a dataset: its published result, with what the figures of the dataset need beyond it. */
export interface AnalyzedItem {
  readonly result: ItemResult;
  /** The item's spend, exactly; null without a spend column. */
  readonly spendMicros: number | null;
  /** The p-value of "its CTR never fell"; null unless `falseDiscoveryRate` was asked for and its CTR is analysed. */
  readonly wearOutPValue: number | null;
}

export interface DatasetResults {
  /** In any order; ids are unique. */
  readonly items: Iterable<AnalyzedItem>;
  readonly rows: RowCounts;
  /** ISO 4217. */
  readonly currency: string;
  readonly parameters: AnalysisParameters;
}

/**
 * The result document of a dataset (analysis spec §10). It does not depend on the order of the items.
 *
 * @throws AnalysisError `overflow` when a total of the dataset is past 2^53 − 1
 */
export function buildDocument({ items, rows, currency, parameters }: DatasetResults): AnalysisDocument {
  const sorted = [...items].sort((a, b) => compareItems(a.result, b.result));
  const rate = parameters.falseDiscoveryRate;
  return {
    engineVersion: ENGINE_VERSION,
    currency,
    parameters: { ...resolveParameters(parameters), detectorVersion: detectors[parameters.detector].version },
    rows: orderedRows(rows),
    totals: datasetTotals(sorted),
    items: sorted.map(({ result }) => result),
    ...(rate === null ? {} : { discoveries: discoveriesOf(sorted, rate) }),
  };
}

/** The counts with reasons and keys in one order, whatever order they were counted in. */
function orderedRows({ read, rejected, reasons, samples }: RowCounts): RowCounts {
  const counted = REJECT_REASONS.filter((reason) => (reasons[reason] ?? 0) > 0);
  return {
    read,
    rejected,
    reasons: Object.fromEntries(counted.map((reason) => [reason, reasons[reason]])),
    samples: samples.map(({ line, byteOffset, column, reason, text }) => ({
      line,
      byteOffset,
      column,
      reason,
      text,
    })),
  };
}

function datasetTotals(sorted: readonly AnalyzedItem[]): DatasetTotals {
  const results = sorted.map(({ result }) => result);
  const analysed = results.filter(isAnalysed).length;
  const micros = sorted.map(({ spendMicros }) => spendMicros).filter((value) => value !== null);
  const overspends = results.map(({ impact }) => impact.actualOverspend).filter((value) => value !== null);
  const gaps = results.map(({ impact }) => impact.engagementGapClicks).filter((value) => value !== null);
  const days = results
    .flatMap(({ totals: { from, to } }) => (from === null || to === null ? [] : [from, to]))
    .sort();
  return {
    items: results.length,
    analysed,
    excluded: results.length - analysed,
    impressions: exactSum(
      results.map(({ totals }) => totals.impressions),
      'impressions of the dataset',
    ),
    clicks: exactSum(
      results.map(({ totals }) => totals.clicks),
      'clicks of the dataset',
    ),
    spend: micros.length === 0 ? null : exactSum(micros, 'spend of the dataset in millionths') / 1e6,
    actualOverspend: overspends.length === 0 ? null : overspends.reduce((sum, value) => sum + value, 0),
    engagementGapClicks: gaps.length === 0 ? null : exactSum(gaps, 'engagement gap of the dataset in clicks'),
    from: days[0] ?? null,
    to: days.at(-1) ?? null,
  };
}

/** An item counts as analysed when at least one of its metrics is. */
function isAnalysed({ metrics: { ctr, cpc } }: ItemResult): boolean {
  return !('excluded' in ctr) || (cpc !== null && !('excluded' in cpc));
}

/** The items whose CTR wore out at a false discovery rate, most certain first (detection benchmark §4). */
function discoveriesOf(sorted: readonly AnalyzedItem[], falseDiscoveryRate: number): Discoveries {
  const tested = sorted.flatMap(({ result: { id }, wearOutPValue }) =>
    wearOutPValue === null ? [] : [{ id, pValue: wearOutPValue }],
  );
  const found = benjaminiHochberg(
    tested.map(({ pValue }) => pValue),
    falseDiscoveryRate,
  );
  const items = tested.filter((_, i) => found[i] === true);
  items.sort((a, b) => a.pValue - b.pValue || compareCodePoints(a.id, b.id));
  return { method: 'benjamini-hochberg', falseDiscoveryRate, tested: tested.length, items };
}
