import type { Job, JobRef } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import type { AnalysisError } from '../domain/errors.ts';
import { isFinal } from '../domain/job/states.ts';
import { announceEnd } from './announce-end.ts';
import type { PipelineContext } from './context.ts';
import { changeJob, refOf, timeOf } from './job-record.ts';

/**
 * Ends a run of a job with an error and tells people. A job that is over stays as it is; one that is being cancelled
 * ends as CANCELLED, since nobody waits for it any more. What was done is kept, so that a redrive goes on from there.
 */
export async function failJob(
  context: PipelineContext,
  { tenant, jobId, run }: JobRef & { readonly run: number },
  { code, message, remedy }: Pick<AnalysisError, 'code' | 'message' | 'remedy'>,
): Promise<void> {
  const job = await context.jobs.get({ tenant, jobId });
  if (job === null) return;
  const finishedAt = timeOf(context.clock.now());
  const error = { code, message, remedy, resumable: code === 'internal', announced: false };
  const ended = await changeJob(context, job, (current) => {
    if (current.run !== run || isFinal(current.state)) return null;
    if (current.state === 'CANCELLING') return { set: { state: 'CANCELLED', finishedAt, announced: false } };
    return {
      set: { state: 'FAILED', finishedAt, waitingFor: null, error, announced: false },
      event: { kind: 'state', message },
    };
  });
  if (ended?.state === 'FAILED') {
    context.metrics.count(METRICS.jobsFailed);
    if (error.resumable) context.metrics.count(METRICS.jobsOffObjective);
  }
  if (ended?.state === 'CANCELLED') context.metrics.count(METRICS.jobsCancelled);
  if (ended === null) return;
  await context.inFlight.leave({ tenant, jobId });
  await announceEnd(context, ended);
  await announceFailure(context, ended);
}

/**
 * Sends the alert of a failed job, unless it was sent. The job notes it afterwards: a worker that dies in between has it
 * sent twice, never not at all.
 */
export async function announceFailure(context: PipelineContext, job: Job): Promise<void> {
  const { error, run, dataset } = job;
  if (job.state !== 'FAILED' || error === null || error.announced) return;
  const { code, message, remedy } = error;
  const at = job.finishedAt ?? job.touchedAt;
  await context.alerts.jobFailed({
    ...refOf(job),
    run,
    datasetName: dataset.name,
    code,
    message,
    remedy,
    at,
  });
  await changeJob(context, job, (current) => {
    if (current.run !== run || current.state !== 'FAILED' || current.error === null) return null;
    return { set: { error: { ...current.error, announced: true } } };
  });
}
