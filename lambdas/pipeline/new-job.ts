import type { Hints, Job, JobEvent, JobSource } from '../contracts/job.ts';
import type { ParametersInput } from '../contracts/parameters.ts';
import { eventId, timeOf } from './job-record.ts';

export interface NewJob {
  readonly id: string;
  readonly tenant: string;
  readonly origin: Job['origin'];
  readonly dataset: Job['dataset'];
  /** Without an etag the input is still to come. */
  readonly source: JobSource;
  readonly hints: Hints;
  readonly parameters: ParametersInput;
}

/** A job as it begins: PENDING when its input is there, AWAITING_UPLOAD otherwise. */
export function newJob(given: NewJob, now: number): { job: Job; event: JobEvent } {
  const at = timeOf(now);
  const { key, versionId, etag, bytes } = given.source;
  const isThere = etag !== null;
  const state = isThere ? 'PENDING' : 'AWAITING_UPLOAD';
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
    waitingFor: isThere ? 'worker' : null,
    waitingUntil: null,
    plan: null,
    phase: null,
    sweep: { tasksDone: 0, resends: 0 },
    rows: null,
    totals: null,
    error: null,
    resultExpiresAt: null,
  };
  const message = isThere ? 'Created; its input is there.' : 'Announced; waits for its file.';
  return { job, event: { id: eventId(1), at, kind: 'state', state, message, task: null, attempt: null } };
}

/** What tells one upload to a key from the next. */
export function uploadVersion({ versionId, etag }: Pick<JobSource, 'versionId' | 'etag'>): string | null {
  return versionId ?? etag;
}
