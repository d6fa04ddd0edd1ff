import type { Deletion, DeletionLook } from '../contracts/deletion.ts';
import { type Job, watchOf } from '../contracts/job.ts';
import { folderPrefix } from '../contracts/key-layout.ts';
import { announcedUploadKey, jobPrefixes, parseUploadKey, sidecarKey } from '../contracts/object-keys.ts';
import { timeDigits } from '../domain/job/job-id.ts';
import { isFinal } from '../domain/job/states.ts';
import type { Clock } from '../ports/clock.ts';
import type { DatasetStore } from '../ports/dataset-store.ts';
import type { HistoryStore } from '../ports/history-store.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { ObjectRemover } from '../ports/object-remover.ts';
import type { ResultWriter } from '../ports/result-store.ts';
import type { TimelineRemover } from '../ports/timeline-remover.ts';
import { concurrently } from './concurrently.ts';
import { changeJob, refOf, timeOf } from './job-record.ts';

export interface PurgeDatasetContext {
  readonly jobs: JobStore;
  readonly timelines: TimelineRemover;
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly objects: Pick<ObjectRemover, 'remove'>;
  readonly results: Pick<ResultWriter, 'deleteJob'>;
  readonly history: Pick<HistoryStore, 'deleteUploads'>;
  readonly clock: Clock;
}

type DatasetDeletion = Deletion & { readonly datasetId: string };

interface Look {
  readonly look: DeletionLook;
  /** Whether nobody writes for the jobs any more, so that what names the dataset can go, too. */
  readonly isLast: boolean;
  readonly hasTime: () => boolean;
}

const JOBS_AT_ONCE = 8;
const PAGE = 200;
const MESSAGE = 'Its dataset was deleted.';

/**
 * Deletes what there is of a dataset. Its jobs stay, since they were counted and paid for: from the first look on they say
 * that they were deleted, and after the last they name neither files nor columns, and hold no figures.
 *
 * @returns the look as far as it has come: its position is the id of the job that it goes on behind
 */
export async function purgeDataset(
  context: PurgeDatasetContext,
  deletion: DatasetDeletion,
  { look, isLast, hasTime }: Look,
): Promise<{ readonly look: DeletionLook; readonly isOver: boolean }> {
  const { tenant, datasetId } = deletion;
  // Ids of datasets come of their names: it may have been made again since.
  const current = await context.datasets.get({ tenant, datasetId });
  const kept = new Set(current?.versions.map(({ jobId }) => jobId));
  const isGone = (jobId: string) => jobId < endOf(deletion) && !kept.has(jobId);
  let { found } = look;
  let before: string | null = look.position ?? endOf(deletion);
  while (before !== null) {
    if (!hasTime()) return { look: { ...look, position: before, found }, isOver: false };
    const page: readonly Job[] = await context.jobs.list({ tenant, before, since: '', limit: PAGE });
    const own = page.filter((job) => job.dataset.id === datasetId && isGone(job.id));
    await concurrently(own, JOBS_AT_ONCE, (job) => purgeJob(context, job, deletion, isLast));
    found += own.filter((job) => isOpen(job, isLast)).length;
    before = page.length < PAGE ? null : (page.at(-1)?.id ?? null);
  }
  await context.objects.remove(`${folderPrefix('uploads')}${tenant}/${datasetId}/`, ({ key, modifiedAt }) => {
    const jobId = parseUploadKey(key)?.jobId ?? null;
    return jobId === null ? modifiedAt < Date.parse(deletion.askedAt) : isGone(jobId);
  });
  await context.history.deleteUploads({ tenant, datasetId }, { before: endOf(deletion), except: [...kept] });
  // They hold rows of many datasets, and are made again when they are asked for.
  await context.objects.remove(`${folderPrefix('reports')}${tenant}/portfolios/`, () => true);
  return { look: { ...look, position: null, found }, isOver: true };
}

/** Whether a job as it was found is to be looked at again: at the last look it also has to have told how it ended. */
function isOpen(job: Job, isLast: boolean): boolean {
  return !isFinal(job.state) || (isLast && watchOf(job) !== null);
}

async function purgeJob(
  context: PurgeDatasetContext,
  job: Job,
  { askedAt }: DatasetDeletion,
  isLast: boolean,
): Promise<void> {
  const { objects, results } = context;
  await markDeleted(context, job, askedAt);
  for (const prefix of jobPrefixes(refOf(job))) await objects.remove(prefix, () => true);
  await removeInput(context, job, askedAt);
  await results.deleteJob(refOf(job));
  if (isLast && !isOpen(job, isLast)) await forget(context, job, askedAt);
}

/**
 * First, so that nothing is shown of what is about to go, and no worker begins anew. Cancellation is confirmed by the
 * sweeper: this runs where no queue can be reached.
 */
async function markDeleted(context: PurgeDatasetContext, job: Job, askedAt: string): Promise<void> {
  await changeJob(context, job, ({ state, deletedAt }) => {
    const stops = !isFinal(state) && state !== 'CANCELLING';
    if (deletedAt !== undefined && !stops) return null;
    const event = { kind: 'state', message: MESSAGE } as const;
    const stop = { state: 'CANCELLING', waitingFor: null, waitingUntil: null } as const;
    return { set: { deletedAt: deletedAt ?? askedAt, ...(stops && stop) }, event };
  });
}

/** A file that was put into another folder by hand, and what was put beside it to say how it is read. */
async function removeInput({ objects }: PurgeDatasetContext, job: Job, askedAt: string): Promise<void> {
  const { key } = job.source;
  if (parseUploadKey(key)?.tenant !== job.tenant) return;
  const own = new Set([key, sidecarKey(key)]);
  await objects.remove(key, (version) => own.has(version.key) && version.modifiedAt <= Date.parse(askedAt));
}

/** Takes out of a job and its timeline what was read of the dataset: names of it, its file and its columns, and figures. */
async function forget(
  { jobs, timelines, clock }: PurgeDatasetContext,
  job: Job,
  askedAt: string,
): Promise<void> {
  const ref = refOf(job);
  for (let current: Job | null = job; current !== null; current = await jobs.get(ref)) {
    const next = {
      ...withoutContent(current),
      revision: current.revision + 1,
      touchedAt: timeOf(clock.now()),
    };
    if ((await jobs.replace(next, [])) === 'replaced') break;
  }
  await timelines.remove(ref);
  const { state } = job;
  const event = { id: 'deleted', at: askedAt, kind: 'state', state, message: MESSAGE } as const;
  await jobs.append(ref, { ...event, task: null, attempt: null });
}

function withoutContent({ statuses: _, ...job }: Job): Job {
  const { id, tenant, dataset, source, error } = job;
  const key = announcedUploadKey({ tenant, dataset: dataset.id, jobId: id, fileName: 'deleted' });
  return {
    ...job,
    dataset: { ...dataset, name: '' },
    source: { ...source, key },
    hints: {},
    plan: null,
    phase: null,
    rows: null,
    totals: null,
    // Not to be gone on with: what was done is no longer there.
    error: error && { ...error, message: MESSAGE, remedy: null, resumable: false },
  };
}

/** Behind the ids of all jobs that were there when it was asked for. */
function endOf({ askedAt }: Deletion): string {
  return `job_${timeDigits(Date.parse(askedAt) + 1)}`;
}
