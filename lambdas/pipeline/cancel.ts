import type { Job, JobRef } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { requestOf } from '../contracts/request.ts';
import { isFinal } from '../domain/job/states.ts';
import { announceEnd } from './announce-end.ts';
import type { PipelineContext, WorkOutcome } from './context.ts';
import { changeJob, timeOf } from './job-record.ts';

/**
 * Asks a job to stop. Its workers stop at their next step; the message sent here confirms it.
 *
 * @returns the job, CANCELLING or over as it was; null when there is none
 */
export async function cancelJob(
  context: Pick<PipelineContext, 'jobs' | 'queue' | 'clock'>,
  ref: JobRef,
): Promise<Job | null> {
  const job = await context.jobs.get(ref);
  if (job === null) return null;
  const cancelling = await changeJob(context, job, ({ state }) => {
    if (isFinal(state) || state === 'CANCELLING') return null;
    const event = { kind: 'state', message: 'Cancellation was asked for.' } as const;
    return { set: { state: 'CANCELLING', waitingFor: null, waitingUntil: null }, event };
  });
  const current = cancelling ?? (await context.jobs.get(ref));
  if (current?.state === 'CANCELLING')
    await context.queue.send([{ type: 'cancel', ...ref, ...requestOf(current) }]);
  return current;
}

/** Confirms a cancellation: from now on nothing that a straggling worker does can show. */
export async function confirmCancel(
  context: PipelineContext,
  { tenant, jobId }: JobRef,
): Promise<WorkOutcome> {
  const job = await context.jobs.get({ tenant, jobId });
  if (job === null) return 'stale';
  const finishedAt = timeOf(context.clock.now());
  const cancelled = await changeJob(context, job, ({ state }) => {
    if (state !== 'CANCELLING') return null;
    const event = { kind: 'state', message: 'Cancelled.' } as const;
    return { set: { state: 'CANCELLED', finishedAt, announced: false }, event };
  });
  const current = cancelled ?? job;
  // Again too: the worker that confirmed it may have died before it got here.
  if (current.state === 'CANCELLED') {
    await context.inFlight.leave({ tenant, jobId });
    await announceEnd(context, current);
  }
  if (cancelled === null) return 'stale';
  context.metrics.count(METRICS.jobsCancelled);
  return 'done';
}
