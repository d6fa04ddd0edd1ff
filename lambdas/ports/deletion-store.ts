import type { Deletion } from '../contracts/deletion.ts';

/** What is to be deleted. */
export interface DeletionStore {
  /** Stores a deletion in the place of an earlier one of the same dataset or tenant. */
  put(deletion: Deletion): Promise<void>;

  /** Deletions that are due by a time (RFC 3339), the longest due first; those of the last seconds may be missing. */
  listDue(now: string, limit: number): Promise<readonly Deletion[]>;

  /** Puts a deletion off, or removes it when `dueAt` is null, unless it was asked for again meanwhile. */
  settle(deletion: Deletion, dueAt: string | null): Promise<void>;
}
