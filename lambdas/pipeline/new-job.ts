import type { Hints, Job, JobEvent, JobSource } from '../contracts/job.ts';
import { historyKey, type JobRun } from '../contracts/object-keys.ts';
import type { ParametersInput } from '../contracts/parameters.ts';
import type { Requested } from '../contracts/request.ts';
import { eventId, timeOf } from './job-record.ts';

export interface NewJob extends Requested {
  readonly id: string;
  readonly tenant: string;
  readonly origin: Job['origin'];
  readonly dataset: Job['dataset'];
  readonly history?: 'adds' | 'covers';
  readonly reuses?: NonNullable<Job['reuses']>;
  /** Without an etag the input is still to come: somebody uploads it, or the pipeline writes it out of the history. */
  readonly source: JobSource;
  readonly hints: Hints;
  readonly parameters: ParametersInput;
}

/** A job as it begins: PENDING when its input is there, AWAITING_UPLOAD otherwise. */
export function newJob(given: NewJob, now: number): { job: Job; event: JobEvent } {
  const at = timeOf(now);
  const { key, versionId, etag, bytes } = given.source;
  const isThere = etag !== null;
  const isAwaited = !isThere && given.history !== 'covers';
  const state = isAwaited ? 'AWAITING_UPLOAD' : 'PENDING';
  const job: Job = {
    ...given,
    source: { key, versionId, etag, bytes },
    revision: 1,
    run: 1,
    state,
    startedBy: isThere ? uploadVersion(given.source) : null,
    createdAt: at,
    startedAt: null,
    finishedAt: null,
    touchedAt: at,
    waitingFor: isAwaited ? null : 'worker',
    waitingUntil: null,
    plan: null,
    phase: null,
    sweep: { tasksDone: 0, resends: 0 },
    rows: null,
    totals: null,
    error: null,
    resultExpiresAt: null,
  };
  const created = isThere ? 'Created; its input is there.' : 'Created; reads the history of its dataset.';
  const message = isAwaited ? 'Announced; waits for its file.' : created;
  return { job, event: { id: eventId(1), at, kind: 'state', state, message, task: null, attempt: null } };
}

/** What tells one upload to a key from the next. */
export function uploadVersion({ versionId, etag }: Pick<JobSource, 'versionId' | 'etag'>): string | null {
  return versionId ?? etag;
}

/** The input of a run over the history of a dataset, before it is written. */
export function historySource(run: JobRun): JobSource {
  return { key: historyKey(run), versionId: null, etag: null, bytes: null };
}
