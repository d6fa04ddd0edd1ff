import { detectors } from '../detect/index.ts';
import { REJECT_REASONS, type RowCounts } from '../observation/reject.ts';
import { type AnalysisParameters, resolveParameters } from '../parameters.ts';
import { ENGINE_VERSION } from '../version.ts';
import { type DatasetTally, tallyOf } from './dataset-tally.ts';
import type { AnalysisDocument, ItemResult } from './document.ts';
import { compareItems } from './order.ts';

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
export function buildDocument({ items, ...dataset }: DatasetResults): AnalysisDocument {
  const sorted = [...items].sort((a, b) => compareItems(a.result, b.result));
  const { discoveries, ...head } = documentFrame(tallyOf(sorted), dataset);
  return { ...head, items: sorted.map(({ result }) => result), ...(discoveries && { discoveries }) };
}

/** The document without its items. @throws AnalysisError as {@link buildDocument} does */
export function documentFrame(
  tally: DatasetTally,
  { rows, currency, parameters }: Omit<DatasetResults, 'items'>,
): Omit<AnalysisDocument, 'items'> {
  const rate = parameters.falseDiscoveryRate;
  return {
    engineVersion: ENGINE_VERSION,
    currency,
    parameters: { ...resolveParameters(parameters), detectorVersion: detectors[parameters.detector].version },
    rows: orderedRows(rows),
    totals: tally.totals(),
    ...(rate === null ? {} : { discoveries: tally.discoveries(rate) }),
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
