import type { Deletion } from '../contracts/deletion.ts';

/** What is to be deleted. */
export interface DeletionStore {
  /** Stores a deletion in the place of an earlier one of the same dataset or tenant. */
  put(deletion: Deletion): Promise<void>;

  /** Deletions that are due by a time (RFC 3339), the longest due first; those of the last seconds may be missing. */
  listDue(now: string, limit: number): Promise<readonly Deletion[]>;

  /**
   * Puts another in the place of a deletion, or none, unless it was asked for again or changed meanwhile.
   *
   * @returns whether it was done
   */
  settle(deletion: Deletion, next: Deletion | null): Promise<boolean>;
}
