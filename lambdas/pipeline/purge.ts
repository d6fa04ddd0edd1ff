import type { Deletion } from '../contracts/deletion.ts';
import type { Job } from '../contracts/job.ts';
import { DATA_FOLDERS, folderPrefix } from '../contracts/key-layout.ts';
import { jobPrefixes, parseUploadKey } from '../contracts/object-keys.ts';
import { timeDigits } from '../domain/job/job-id.ts';
import { isFinal } from '../domain/job/states.ts';
import type { Clock } from '../ports/clock.ts';
import type { DatasetStore } from '../ports/dataset-store.ts';
import type { DeletionStore } from '../ports/deletion-store.ts';
import type { HistoryStore } from '../ports/history-store.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { ObjectRemover } from '../ports/object-remover.ts';
import type { PortfolioStore } from '../ports/portfolio-store.ts';
import type { ResultWriter } from '../ports/result-store.ts';
import { concurrently } from './concurrently.ts';
import { changeJob, refOf, timeOf } from './job-record.ts';

export interface PurgeContext {
  readonly deletions: DeletionStore;
  readonly jobs: JobStore;
  readonly datasets: Pick<DatasetStore, 'get' | 'list' | 'remove'>;
  readonly portfolios: PortfolioStore;
  readonly objects: ObjectRemover;
  readonly results: Pick<ResultWriter, 'deleteJob' | 'deleteTenant'>;
  readonly history: Pick<HistoryStore, 'deleteUploads' | 'deleteTenant'>;
  readonly clock: Clock;
}

const MINUTE_MS = 60_000;
/** Signed addresses hold for an hour, and a worker may be at its task for a quarter: what they leave goes after that. */
const LAST_LOOK_MS = 80 * MINUTE_MS;
const JOBS_AT_ONCE = 8;
const PAGE = 200;
const MAX_LISTED = 1000;

/** What became of a deletion that was due: the error when it failed. */
export interface PurgeOutcome {
  readonly deletion: Deletion;
  readonly error?: unknown;
}

/**
 * Works on the deletions that are due: each is done once, and once more when nobody can write any more for a job that
 * was there. Doing it again changes nothing; one that fails stays due, and keeps no other from being done.
 */
export async function purgeDue(context: PurgeContext, limit: number): Promise<PurgeOutcome[]> {
  const due = await context.deletions.listDue(timeOf(context.clock.now()), limit);
  const outcomes: PurgeOutcome[] = [];
  for (const deletion of due) {
    try {
      await purge(context, deletion);
      outcomes.push({ deletion });
    } catch (error) {
      outcomes.push({ deletion, error });
    }
  }
  return outcomes;
}

/** Deletes what was there when it was asked for, and settles when to look again. */
export async function purge(context: PurgeContext, deletion: Deletion): Promise<void> {
  const started = context.clock.now();
  const open =
    deletion.datasetId === null
      ? await purgeTenant(context, deletion)
      : await purgeDataset(context, deletion);
  const lastLook = Date.parse(deletion.askedAt) + LAST_LOOK_MS;
  if (open > 0) return context.deletions.settle(deletion, timeOf(started + MINUTE_MS));
  await context.deletions.settle(deletion, started < lastLook ? timeOf(lastLook) : null);
}

/** @returns how many jobs were not over yet */
async function purgeDataset(context: PurgeContext, deletion: Deletion): Promise<number> {
  const { tenant, datasetId } = deletion;
  if (datasetId === null) throw new Error('All of a tenant is no dataset.');
  // Ids of datasets come of their names: it may have been made again since.
  const current = await context.datasets.get({ tenant, datasetId });
  const kept = new Set(current?.versions.map(({ jobId }) => jobId));
  const isGone = (jobId: string) => jobId < endOf(deletion) && !kept.has(jobId);
  const open = await purgeJobs(
    context,
    deletion,
    (job) => job.dataset.id === datasetId && isGone(job.id),
    async (job) => {
      for (const prefix of jobPrefixes(refOf(job))) await context.objects.remove(prefix, () => true);
      await context.results.deleteJob(refOf(job));
    },
  );
  await context.objects.remove(`${folderPrefix('uploads')}${tenant}/${datasetId}/`, ({ key, modifiedAt }) => {
    const jobId = parseUploadKey(key)?.jobId ?? null;
    return jobId === null ? modifiedAt < Date.parse(deletion.askedAt) : isGone(jobId);
  });
  await context.history.deleteUploads({ tenant, datasetId }, { before: endOf(deletion), except: [...kept] });
  // They hold rows of many datasets, and are made again when they are asked for.
  await context.objects.remove(`${folderPrefix('reports')}${tenant}/portfolios/`, () => true);
  return open;
}

/** @returns how many jobs were not over yet */
async function purgeTenant(context: PurgeContext, deletion: Deletion): Promise<number> {
  const { tenant } = deletion;
  const open = await purgeJobs(
    context,
    deletion,
    () => true,
    async () => undefined,
  );
  for (const folder of DATA_FOLDERS) {
    await context.objects.remove(`${folderPrefix(folder)}${tenant}/`, () => true);
  }
  await context.results.deleteTenant(tenant);
  await context.history.deleteTenant(tenant);
  const datasets = await context.datasets.list(tenant, MAX_LISTED);
  const outcomes = await Promise.all([
    removePortfolios(context, tenant),
    ...datasets.map((dataset) => context.datasets.remove(dataset)),
  ]);
  if (outcomes.includes('conflict')) throw new Error(`Somebody still works on the datasets of ${tenant}.`);
  return open;
}

async function removePortfolios(
  { portfolios }: PurgeContext,
  tenant: string,
): Promise<'replaced' | 'conflict'> {
  const known = await portfolios.read(tenant);
  if (known.portfolios.length === 0) return 'replaced';
  return portfolios.replace({ tenant, revision: known.revision + 1, portfolios: [] });
}

/**
 * Cancels, deletes and marks jobs. Cancellation is confirmed by the sweeper: this runs where no queue can be reached.
 *
 * @returns how many were not over yet
 */
async function purgeJobs(
  context: PurgeContext,
  deletion: Deletion,
  isMeant: (job: Job) => boolean,
  remove: (job: Job) => Promise<void>,
): Promise<number> {
  let open = 0;
  let before: string | null = endOf(deletion);
  while (before !== null) {
    const page: readonly Job[] = await context.jobs.list({
      ...{ tenant: deletion.tenant, before, since: '', limit: PAGE },
    });
    await concurrently(page.filter(isMeant), JOBS_AT_ONCE, async (job) => {
      await markDeleted(context, job, deletion.askedAt);
      await remove(job);
      if (!isFinal(job.state)) open++;
    });
    before = page.length < PAGE ? null : (page.at(-1)?.id ?? null);
  }
  return open;
}

/** First, so that nothing is shown of what is about to go, and no worker begins anew. */
async function markDeleted(context: PurgeContext, job: Job, askedAt: string): Promise<void> {
  await changeJob(context, job, ({ state, deletedAt }) => {
    const stops = !isFinal(state) && state !== 'CANCELLING';
    if (deletedAt !== undefined && !stops) return null;
    const event = { kind: 'state', message: 'Its dataset was deleted.' } as const;
    const stop = { state: 'CANCELLING', waitingFor: null, waitingUntil: null } as const;
    return { set: { deletedAt: deletedAt ?? askedAt, ...(stops && stop) }, event };
  });
}

/** Behind the ids of all jobs that were there when it was asked for. */
function endOf({ askedAt }: Deletion): string {
  return `job_${timeDigits(Date.parse(askedAt) + 1)}`;
}
