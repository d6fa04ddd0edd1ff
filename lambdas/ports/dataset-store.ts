import type { Dataset, DatasetRef } from '../contracts/dataset.ts';

/** Datasets. All reads see all writes that were answered before. */
export interface DatasetStore {
  get(ref: DatasetRef): Promise<Dataset | null>;

  /** Adds a dataset; an existing one of the same tenant and id stays as it is. */
  create(dataset: Dataset): Promise<'created' | 'exists'>;

  /** Replaces a dataset if its stored revision is still `dataset.revision - 1`. */
  replace(dataset: Dataset): Promise<'replaced' | 'conflict'>;

  /** Removes a dataset if its stored revision is still that of `dataset`; one that is gone already is removed. */
  remove(dataset: Dataset): Promise<'removed' | 'conflict'>;

  /** The datasets of a tenant in any order: at most `limit`. */
  list(tenant: string, limit: number): Promise<readonly Dataset[]>;
}
