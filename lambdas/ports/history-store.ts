import type { ItemSeries } from '../domain/totals/item-series.ts';

/** A dataset of a tenant, whose uploads add up to a history. */
export interface DatasetRef {
  readonly tenant: string;
  readonly datasetId: string;
}

/** An upload's daily totals. */
export interface HistoryUpload extends DatasetRef {
  /** The job that read it: uploads are in the order of their jobs' ids, whenever they are added. */
  readonly jobId: string;
  /** Of its spend; null without a spend column. */
  readonly currency: string | null;
}

/** Uploads by their jobs. */
export interface UploadRange {
  /** Those with smaller ids. */
  readonly before: string;
  /** But not these. */
  readonly except: readonly string[];
}

/** A history as it is at one moment. */
export interface HistorySnapshot {
  readonly isEmpty: boolean;
  /** The currencies of its days; null when spend is not known of all of them. */
  readonly currencies: readonly string[] | null;
  /** The items that have days, by their keys. To be read once, and while the snapshot lasts. */
  readonly items: AsyncIterable<ItemSeries>;
}

export interface HistoryAddition {
  /** The history's version after it, which grows with every addition that changes something. */
  readonly version: number;
  /** How many items have other figures than before. */
  readonly changed: number;
}

export interface HistoryItem {
  readonly series: ItemSeries;
  /** SHA-256 of the figures in hexadecimal, the same as long as they are. */
  readonly contentHash: string;
}

/**
 * The daily totals of a dataset over all of its uploads. The figures of a day are those of the last upload that has the
 * day at all: it replaces the day for all items, also for those it no longer has.
 */
export interface HistoryStore {
  /**
   * Adds an upload, all at once. Doing it twice changes nothing, nor does the order in which uploads are added.
   *
   * @param series the upload's items, from the first each time it is called
   * @throws Unavailable when the database cannot be reached
   */
  add(upload: HistoryUpload, series: () => AsyncIterable<ItemSeries>): Promise<HistoryAddition>;

  /**
   * The items that have days, by their keys, with all that was added before.
   *
   * @param changedAfter only those that changed after this version; 0 for all
   */
  items(dataset: DatasetRef, changedAfter: number): AsyncIterable<HistoryItem>;

  /**
   * Lets `use` read a history that does not change meanwhile, whatever is added.
   *
   * @throws Unavailable when the database cannot be reached, and whatever `use` throws
   */
  snapshot<T>(dataset: DatasetRef, use: (snapshot: HistorySnapshot) => Promise<T>): Promise<T>;

  /** Deletes the days that uploads have. Days of others stay, without what these had replaced. */
  deleteUploads(dataset: DatasetRef, uploads: UploadRange): Promise<void>;

  /**
   * Deletes everything there is of a tenant.
   *
   * @param most datasets whose histories are deleted in this call; all of them when absent
   * @returns how many histories that were
   */
  deleteTenant(tenant: string, most?: number): Promise<number>;
}
