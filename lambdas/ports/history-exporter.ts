import type { JobRun } from '../contracts/object-keys.ts';
import type { Requested } from '../contracts/request.ts';

/**
 * What became of writing a history where a job can read it: `empty` when there is none, `currencies` when its spend is
 * in several, `stale` when the job is gone, deleted, in another run, or not about a history.
 */
export const HISTORY_EXPORTS = ['exported', 'empty', 'currencies', 'stale'] as const;

export type HistoryExport = (typeof HISTORY_EXPORTS)[number];

export interface HistoryExporter {
  /** Has the history of a job's dataset written as the object that its run reads. Doing it again changes nothing. */
  export(run: JobRun & Requested): Promise<HistoryExport>;
}
