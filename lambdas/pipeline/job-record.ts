import type { Job, JobEvent, JobRef } from '../contracts/job.ts';
import { type Requested, requestOf } from '../contracts/request.ts';
import { assertCanMove, isFinal, type JobState } from '../domain/job/states.ts';
import type { PipelineContext } from './context.ts';

/** What a write changes of a job, and what the timeline says of it. */
export interface JobChange {
  readonly set: Partial<Omit<Job, 'id' | 'tenant' | 'revision' | 'touchedAt'>>;
  readonly event?: { readonly kind: JobEvent['kind']; readonly message: string };
}

export function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function refOf({ tenant, id }: Job): JobRef {
  return { tenant, jobId: id };
}

/** The run of a job, as messages name it: with the request that it is of. */
export function runOf(job: Job): JobRef & { run: number } & Requested {
  return { ...refOf(job), run: job.run, ...requestOf(job) };
}

/**
 * Changes a job, however many others change it at the same time.
 *
 * @param change what to write, given the job as it now is; null when there is nothing left to do. Called again with the
 * newer job after a conflict
 * @returns the job as written, or null when `change` said null or the job is gone
 */
export async function changeJob(
  { jobs, clock }: Pick<PipelineContext, 'jobs' | 'clock'>,
  job: Job,
  change: (job: Job) => JobChange | null,
): Promise<Job | null> {
  for (let current: Job | null = job; current !== null; current = await jobs.get(refOf(job))) {
    const wanted = change(current);
    if (wanted === null) return null;
    const now = timeOf(clock.now());
    if (wanted.set.state !== undefined) assertCanMove(current.state, wanted.set.state);
    const next: Job = { ...current, ...wanted.set, revision: current.revision + 1, touchedAt: now };
    if ((await jobs.replace(next, eventsOf(next, wanted, now))) === 'replaced') return next;
  }
  return null;
}

function eventsOf(job: Job, { event }: JobChange, at: string): JobEvent[] {
  if (event === undefined) return [];
  return [{ id: eventId(job.revision), at, ...event, state: job.state, task: null, attempt: null }];
}

/** Events of the same millisecond stand in the order of their ids. */
export function eventId(revision: number): string {
  return `r${String(revision).padStart(9, '0')}`;
}

/**
 * The job of a message, if there is still work for its run.
 *
 * @returns null when the job is gone, over, being cancelled, or in another run
 */
export async function openJob(
  { jobs }: Pick<PipelineContext, 'jobs'>,
  { tenant, jobId, run }: JobRef & { readonly run: number },
): Promise<Job | null> {
  const job = await jobs.get({ tenant, jobId });
  return job !== null && job.run === run && isOpen(job.state) ? job : null;
}

function isOpen(state: JobState): boolean {
  return !isFinal(state) && state !== 'CANCELLING';
}
