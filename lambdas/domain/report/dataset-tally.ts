import { benjaminiHochberg } from '../detect/discoveries.ts';
import type { AnalyzedItem } from './build-document.ts';
import type { DatasetTotals, Discoveries, FatigueStatus, ItemResult } from './document.ts';
import { ExactSum } from './exact-sum.ts';
import { compareCodePoints } from './order.ts';

/** Creatives by status. */
export type StatusCounts = Readonly<Record<FatigueStatus, number>>;

/**
 * What a document says of all items together, added up item by item. The items are to come in the order of reports: a
 * sum of money depends on the order of its parts.
 */
export class DatasetTally {
  #items = 0;
  #analysed = 0;
  readonly #impressions = new ExactSum('impressions of the dataset');
  readonly #clicks = new ExactSum('clicks of the dataset');
  readonly #spend = new ExactSum('spend of the dataset in millionths');
  readonly #gap = new ExactSum('engagement gap of the dataset in clicks');
  #overspend: number | null = null;
  #from: string | null = null;
  #to: string | null = null;
  readonly #statuses = new Map<FatigueStatus, number>();
  readonly #tested: { readonly id: string; readonly pValue: number }[] = [];

  add({ result, spendMicros, wearOutPValue }: AnalyzedItem): void {
    const { id, totals, impact, verdict } = result;
    this.#items++;
    if (isAnalysed(result)) {
      this.#analysed++;
      this.#statuses.set(verdict.fatigueStatus, (this.#statuses.get(verdict.fatigueStatus) ?? 0) + 1);
    }
    this.#impressions.add(totals.impressions);
    this.#clicks.add(totals.clicks);
    this.#spend.add(spendMicros);
    this.#gap.add(impact.engagementGapClicks);
    if (impact.actualOverspend !== null) this.#overspend = (this.#overspend ?? 0) + impact.actualOverspend;
    if (totals.from !== null && (this.#from === null || totals.from < this.#from)) this.#from = totals.from;
    if (totals.to !== null && (this.#to === null || totals.to > this.#to)) this.#to = totals.to;
    if (wearOutPValue !== null) this.#tested.push({ id, pValue: wearOutPValue });
  }

  /** @throws AnalysisError `overflow` when a total is past 2^53 − 1 */
  totals(): DatasetTotals {
    const impressions = this.#impressions.total() ?? 0;
    const clicks = this.#clicks.total() ?? 0;
    const micros = this.#spend.total();
    return {
      items: this.#items,
      analysed: this.#analysed,
      excluded: this.#items - this.#analysed,
      impressions,
      clicks,
      spend: micros === null ? null : micros / 1e6,
      actualOverspend: this.#overspend,
      engagementGapClicks: this.#gap.total(),
      from: this.#from,
      to: this.#to,
    };
  }

  /** How many of the analysed creatives have each status. */
  statuses(): StatusCounts {
    const count = (status: FatigueStatus) => this.#statuses.get(status) ?? 0;
    return {
      unknown: count('unknown'),
      terminal_decline: count('terminal_decline'),
      fatigued: count('fatigued'),
      early_fatigue: count('early_fatigue'),
      healthy: count('healthy'),
    };
  }

  /** The items whose CTR wore out at a false discovery rate, most certain first (detection benchmark §4). */
  discoveries(falseDiscoveryRate: number): Discoveries {
    const found = benjaminiHochberg(
      this.#tested.map(({ pValue }) => pValue),
      falseDiscoveryRate,
    );
    const items = this.#tested.filter((_, i) => found[i] === true);
    items.sort((a, b) => a.pValue - b.pValue || compareCodePoints(a.id, b.id));
    return { method: 'benjamini-hochberg', falseDiscoveryRate, tested: this.#tested.length, items };
  }
}

/** The tally of items that are all there, in the order of reports. */
export function tallyOf(items: Iterable<AnalyzedItem>): DatasetTally {
  const tally = new DatasetTally();
  for (const item of items) tally.add(item);
  return tally;
}

/** An item counts as analysed when at least one of its metrics is. */
function isAnalysed({ metrics: { ctr, cpc } }: ItemResult): boolean {
  return !('excluded' in ctr) || (cpc !== null && !('excluded' in cpc));
}
