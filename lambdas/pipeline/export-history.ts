import { historyKey, type JobRun } from '../contracts/object-keys.ts';
import { historyHeader, historyRows } from '../domain/totals/history-csv.ts';
import type { HistoryExport } from '../ports/history-exporter.ts';
import type { HistorySnapshot, HistoryStore } from '../ports/history-store.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { ObjectStore } from '../ports/object-store.ts';

export interface ExportHistoryContext {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly objects: Pick<ObjectStore, 'head' | 'putIfAbsent'>;
  readonly history: Pick<HistoryStore, 'snapshot'>;
}

/**
 * Writes the history of a job's dataset, as it is now, as the object that its run reads. One that is there stays: a run
 * is about one history, however often it is tried.
 *
 * @throws `Unavailable`
 */
export async function exportHistory(
  { jobs, objects, history }: ExportHistoryContext,
  run: JobRun,
): Promise<HistoryExport> {
  const job = await jobs.get(run);
  if (job === null || job.run !== run.run || job.deletedAt !== undefined) return 'stale';
  if (job.history !== 'covers') return 'stale';
  const key = historyKey(run);
  if ((await objects.head(key, null)) !== null) return 'exported';
  return history.snapshot({ tenant: run.tenant, datasetId: job.dataset.id }, async (snapshot) => {
    if (snapshot.isEmpty) return 'empty';
    if (snapshot.currencies !== null && snapshot.currencies.length > 1) return 'currencies';
    await objects.putIfAbsent(key, csvOf(snapshot), 'text/csv; charset=utf-8');
    return 'exported';
  });
}

async function* csvOf({ currencies, items }: HistorySnapshot): AsyncGenerator<Uint8Array> {
  const currency = currencies?.[0] ?? null;
  yield Buffer.from(historyHeader(currency));
  for await (const item of items) yield Buffer.from(historyRows(item, currency !== null));
}
