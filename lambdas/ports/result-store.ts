import type { ItemSort } from '../contracts/item-list.ts';
import type { JobRef } from '../contracts/job.ts';
import type { JobRun } from '../contracts/object-keys.ts';
import type { Action } from '../domain/report/action.ts';
import type {
  AnalysisDocument,
  ExclusionReason,
  FatigueStatus,
  ItemResult,
} from '../domain/report/document.ts';
import type { Change, LastingChange } from '../domain/report/lasting-change.ts';
import type { ItemSeries } from '../domain/totals/item-series.ts';

export interface StoredItem {
  /** The item as published (analysis spec §10). */
  readonly item: ItemResult;
  readonly series: ItemSeries;
}

/** An item to be stored. */
export interface NewItem {
  readonly item: ItemResult;
  /** The {@link StoredItem} as JSON, which is kept as it is. */
  readonly json: string;
}

/** What is known of a job's result besides its items. */
export interface ResultHead extends JobRun {
  readonly dataset: { readonly id: string; readonly name: string };
  /** RFC 3339 in UTC. */
  readonly createdAt: string;
  /** After which the result may be deleted. */
  readonly expiresAt: string;
  readonly document: Pick<AnalysisDocument, 'engineVersion' | 'currency' | 'parameters' | 'rows' | 'totals'>;
}

/** One line of a list of items. */
export interface ItemSummary {
  /** `itm_` and 22 characters, for URLs. */
  readonly key: string;
  readonly id: string;
  readonly status: FatigueStatus;
  /** Why no metric of the item could be analysed; null when one could. */
  readonly excluded: ExclusionReason | null;
  readonly riskScore: number | null;
  readonly healthScore: number | null;
  readonly impressions: number;
  readonly clicks: number;
  readonly spend: number | null;
  readonly days: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly actualOverspend: number | null;
  readonly actualOverspendPct: number | null;
  readonly engagementGapClicks: number | null;
  readonly ctrTrend: ItemResult['verdict']['ctrTrend'];
  readonly replacementRecommended: boolean;
  readonly action: Action | null;
  /** Null when nothing changed and stayed so. */
  readonly changed: LastingChange | null;
  readonly ctr: MetricSummary;
  /** Null without a spend column. */
  readonly cpc: MetricSummary | null;
  readonly rationale: string;
  readonly changePoints: readonly ChangeMark[];
}

/** A metric's mean over its latest segment, and its benchmark; null where there is none. */
export interface MetricSummary {
  readonly latest: number | null;
  readonly benchmark: number | null;
}

/** A change point as a marker on a sparkline. */
export interface ChangeMark {
  readonly metric: 'ctr' | 'cpc';
  readonly day: string;
  readonly onsetDay: string;
  readonly direction: 'worse' | 'better' | 'none';
}

/** Null, and no statuses, ask for nothing. */
export interface ItemFilter {
  readonly statuses: readonly FatigueStatus[];
  readonly replace: boolean | null;
  readonly excluded: boolean | null;
  /** At least so much, in currency units; items without the figure do not pass. */
  readonly minSpend: number | null;
  readonly minOverspend: number | null;
  readonly changed: Change | null;
  /** Changed on this day or later. */
  readonly from: string | null;
  /** Part of the name, whatever the case. */
  readonly q: string | null;
}

/** A place in a sorted list: the item's sort value (null where it has none, and for `id`) and its id. */
export interface ItemPosition {
  readonly value: number | null;
  readonly id: string;
}

export interface ItemQuery {
  readonly filter: ItemFilter;
  readonly sort: ItemSort;
  readonly descending: boolean;
  /** The last item that was seen; null for the first page. */
  readonly after: ItemPosition | null;
  readonly limit: number;
}

export interface ItemPage {
  readonly items: readonly ItemSummary[];
  /** Where the next page begins; null on the last. */
  readonly next: ItemPosition | null;
  /** How many items pass the filter on all pages. */
  readonly total: number;
}

export interface StoredResult extends Omit<ResultHead, 'document'> {
  readonly engineVersion: string;
  readonly currency: string;
  readonly totals: AnalysisDocument['totals'];
}

/** Sums over results of one currency; currencies are never added to one another. */
export interface CurrencyOverview {
  readonly currency: string;
  readonly creativesAnalysed: number;
  readonly spend: number | null;
  readonly actualOverspend: number | null;
  readonly engagementGapClicks: number | null;
  /** Early fatigue, fatigued or terminal decline, and what those creatives spent in the period. */
  readonly atRisk: { readonly creatives: number; readonly spend: number | null };
  readonly replaceNow: { readonly creatives: number; readonly actualOverspend: number | null };
  /** Of the analysed creatives. */
  readonly statuses: Readonly<Record<FatigueStatus, number>>;
}

export interface Overview {
  /** By currency code. */
  readonly byCurrency: readonly CurrencyOverview[];
  /** Jobs of the question that have no result here. */
  readonly missing: readonly string[];
}

export interface ActionItem extends ItemSummary {
  readonly jobId: string;
  readonly dataset: { readonly id: string; readonly name: string };
  readonly currency: string;
  readonly action: Action;
}

/** A place in the list of actions, which is sorted by risk score (descending, null last), item and job. */
export interface ActionPosition {
  readonly riskScore: number | null;
  readonly id: string;
  readonly jobId: string;
}

export interface ActionQuery {
  /** No actions ask for all. */
  readonly actions: readonly Action[];
  readonly after: ActionPosition | null;
  readonly limit: number;
}

export interface ActionPage {
  readonly items: readonly ActionItem[];
  readonly next: ActionPosition | null;
  readonly total: number;
}

/**
 * Results that can be queried. Every method asks for the data of one tenant, and throws `Unavailable` when the database
 * cannot be reached. What was stored before a call is seen by it, if it names the run.
 */
export interface ResultReader {
  /** The result of a job's run or of a later one; null when there is none. */
  result(run: JobRun): Promise<StoredResult | null>;

  /** A page of the items of a job's result; null when there is no result of that run or a later one. */
  listItems(run: JobRun, query: ItemQuery): Promise<ItemPage | null>;

  /** One item of a job's result by its key; null when there is none. */
  item(run: JobRun, key: string): Promise<StoredItem | null>;

  /** The newest result of each dataset, newest first; of all datasets of the tenant when `datasetIds` is null. */
  newestResults(tenant: string, datasetIds: readonly string[] | null): Promise<readonly StoredResult[]>;

  overview(tenant: string, jobs: readonly JobRun[]): Promise<Overview>;

  /** What is to be done about the creatives of some jobs. */
  listActions(tenant: string, jobs: readonly JobRun[], query: ActionQuery): Promise<ActionPage>;

  /** Milliseconds that the writer and a reader take to answer; null for one that does not. */
  ping(): Promise<{ readonly writer: number | null; readonly reader: number | null }>;
}

export interface ResultWriter {
  /**
   * Stores the result of a run, seen by readers all at once. Doing it twice, or at the same time, leaves the same rows;
   * a newer run replaces an older one.
   *
   * @returns `superseded` when a newer run is stored already, and nothing was changed
   */
  store(head: ResultHead, items: AsyncIterable<NewItem>): Promise<'stored' | 'superseded'>;

  deleteJob(job: JobRef): Promise<void>;
  deleteDataset(tenant: string, datasetId: string): Promise<void>;
  /**
   * Deletes everything there is of a tenant.
   *
   * @param most jobs that are deleted in this call; all of them when absent
   * @returns how many jobs that were
   */
  deleteTenant(tenant: string, most?: number): Promise<number>;
  /** Deletes what had expired by then. @returns how many results that were */
  deleteExpired(now: string): Promise<number>;
}

export interface ResultStore extends ResultReader, ResultWriter {}
