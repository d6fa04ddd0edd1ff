import type { Job } from '../contracts/job.ts';
import { documentKey, type JobRun, seriesKey } from '../contracts/object-keys.ts';
import { AnalysisError } from '../domain/errors.ts';
import type { AnalysisDocument } from '../domain/report/document.ts';
import type { ItemSeries } from '../domain/totals/item-series.ts';
import type { Clock } from '../ports/clock.ts';
import type { HistoryStore } from '../ports/history-store.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { NewItem, ResultWriter } from '../ports/result-store.ts';
import { timeOf } from './job-record.ts';
import { readResults } from './read-results.ts';
import type { PipelineSettings } from './settings.ts';
import { linesOf } from './shard-results.ts';

export interface StoreResultsContext {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly objects: Pick<ObjectStore, 'read' | 'stream'>;
  readonly results: Pick<ResultWriter, 'store' | 'deleteExpired'>;
  readonly clock: Clock;
  readonly settings: Pick<PipelineSettings, 'resultDays'>;
}

export interface AddToHistoryContext extends Pick<StoreResultsContext, 'jobs' | 'objects'> {
  readonly history: Pick<HistoryStore, 'add'>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const HEAD_END = ',"items":[\n';
/** Samples of rejected rows are the bulk of a head, and there are few of them. */
const LONGEST_HEAD_BYTES = 1 << 20;

/**
 * Stores what a run of a job found, out of the objects that it left: its result document and its items with their series.
 * Then it deletes results that have expired, so that nobody else has to.
 *
 * @returns `stale` when the job is gone, deleted or in another run, or a newer run is stored
 * @throws Error when an object is not there; AnalysisError `internal` when they do not belong together; `Unavailable`
 */
export async function storeResults(
  { jobs, objects, results, clock, settings }: StoreResultsContext,
  run: JobRun,
): Promise<'done' | 'stale'> {
  const job = await jobs.get(run);
  if (job === null || job.run !== run.run || job.deletedAt !== undefined) return 'stale';
  const document = await readHead(objects, run);
  const expiresAt = job.resultExpiresAt ?? timeOf(clock.now() + settings.resultDays * DAY_MS);
  const { dataset, createdAt } = job;
  const { tenant, jobId } = run;
  const head = { tenant, jobId, run: run.run, dataset, createdAt, expiresAt, document };
  const outcome = await results.store(head, itemsOf(objects, run, job));
  await results.deleteExpired(timeOf(clock.now()));
  return outcome === 'stored' ? 'done' : 'stale';
}

/**
 * Adds the days of an upload to the history of its dataset, when the run is the first analysis of one.
 *
 * @returns `stale` when the job is gone, deleted or in another run, or no such analysis
 * @throws Error when an object is not there; `Unavailable`
 */
export async function addToHistory(
  { jobs, objects, history }: AddToHistoryContext,
  run: JobRun,
): Promise<'done' | 'stale'> {
  const job = await jobs.get(run);
  if (job === null || job.run !== run.run || job.deletedAt !== undefined) return 'stale';
  if (job.history !== 'adds') return 'stale';
  const { totals, currency } = await readHead(objects, run);
  const { tenant, jobId } = run;
  const upload = {
    tenant,
    datasetId: job.dataset.id,
    jobId,
    currency: totals.spend === null ? null : currency,
  };
  await history.add(upload, () => seriesOf(objects, run, job));
  return 'done';
}

/** Everything of the result document but its items, which its first line holds. */
async function readHead(
  objects: Pick<ObjectStore, 'read'>,
  run: JobRun,
): Promise<Omit<AnalysisDocument, 'items'>> {
  const object = { key: documentKey(run), versionId: null, etag: null };
  const bytes = await objects.read(object, { start: 0, end: LONGEST_HEAD_BYTES });
  const text = Buffer.from(bytes).toString();
  const end = text.indexOf(HEAD_END);
  if (end < 0) throw new AnalysisError('internal', 'The result document does not begin as one does.');
  return JSON.parse(`${text.slice(0, end)}}`);
}

async function* itemsOf(
  objects: Pick<ObjectStore, 'stream'>,
  run: JobRun,
  { plan }: Job,
): AsyncGenerator<NewItem> {
  for await (const { item, result, series } of readResults(objects, run, plan?.shards ?? 1)) {
    yield { item: item.result, json: `{"item":${result},"series":${series}}` };
  }
}

/** The daily totals of all items, excluded ones too. */
async function* seriesOf(
  objects: Pick<ObjectStore, 'stream'>,
  run: JobRun,
  { plan }: Job,
): AsyncGenerator<ItemSeries> {
  const shards = plan?.shards ?? 1;
  for (let shard = 0; shard < shards; shard++) {
    const object = { key: seriesKey(run, shard, shards), versionId: null, etag: null };
    for await (const line of linesOf(objects.stream(object))) yield JSON.parse(line);
  }
}
