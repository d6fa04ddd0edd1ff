import type { JobEvent, JobRef } from '../contracts/job.ts';
import type { QueueMessage, UploadedMessage, WorkMessage } from '../contracts/messages.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { type Requested, requestOf } from '../contracts/request.ts';
import { AnalysisError, type AnalysisErrorCode } from '../domain/errors.ts';
import { MAX_RETRIES, retryDelaySeconds } from '../domain/job/retry.ts';
import { isFinal } from '../domain/job/states.ts';
import { acceptUpload, jobOfUpload } from './accept-upload.ts';
import { analyseShard } from './analyse-shard.ts';
import { announceEnd } from './announce-end.ts';
import { confirmCancel } from './cancel.ts';
import type { PipelineContext, WorkOutcome } from './context.ts';
import { announceFailure, failJob } from './fail-job.ts';
import { timeOf } from './job-record.ts';
import { planUpload } from './plan-upload.ts';
import { scanChunk } from './scan-chunk.ts';
import { isTaskDone, taskName } from './tasks.ts';
import { writeReport } from './write-report.ts';

/** What the queue is to do with a message that was handled, and the job it was about, as far as that is known. */
export type Disposition = Handling & { readonly job: (JobRef & Requested) | null };

type Handling =
  | { readonly action: 'acknowledge'; readonly outcome: WorkOutcome }
  /** The input is refused; the job says why. */
  | { readonly action: 'acknowledge'; readonly outcome: 'failed'; readonly code: AnalysisErrorCode }
  /** Make it visible again after the delay. */
  | { readonly action: 'retry'; readonly delaySeconds: number; readonly error: unknown }
  /** Let it go to the dead-letter queue: it had its last attempt, and its job has failed. */
  | { readonly action: 'dead-letter'; readonly error: unknown };

type RunMessage = Exclude<WorkMessage, { type: 'cancel' }>;

/**
 * Handles one message of any queue. A refusal of the input ends the job at once and is not tried again; anything else
 * is tried again three times, and then ends the job as `internal`, with all that was done kept.
 *
 * @param receiveCount how often the message was received, this time included
 * @param begin is told what there is to do, of which job and request, before it is done
 * @throws Error when not even the failure could be recorded; the queue then delivers the message again
 */
export async function handleMessage(
  context: PipelineContext,
  message: QueueMessage,
  receiveCount: number,
  begin: (work: WorkMessage) => void = () => undefined,
): Promise<Disposition> {
  try {
    if (message.type === 'uploaded') return await accept(context, message);
    begin(message);
    return { ...(await perform(context, message, receiveCount)), job: jobOf(message) };
  } catch (error) {
    const work = message.type === 'uploaded' ? null : message;
    return { ...(await settle(context, work, receiveCount, error)), job: jobOf(message) };
  }
}

/**
 * Puts the job of an upload into the line of its tenant. Events of uploads carry no group, so until then all tenants
 * stand in one; nothing is done there that takes time.
 */
async function accept(context: PipelineContext, upload: UploadedMessage): Promise<Disposition> {
  const plan = await acceptUpload(context, upload);
  if (typeof plan === 'string') return { action: 'acknowledge', outcome: plan, job: jobOf(upload) };
  await context.queue.send([plan]);
  return { action: 'acknowledge', outcome: 'done', job: jobOf(plan) };
}

/** The job that a message is about. */
export function jobOf(message: QueueMessage): (JobRef & Requested) | null {
  if (message.type === 'uploaded') return jobOfUpload(message);
  return { tenant: message.tenant, jobId: message.jobId, ...requestOf(message) };
}

async function perform(
  context: PipelineContext,
  message: WorkMessage,
  receiveCount: number,
): Promise<Handling> {
  if (message.type === 'cancel') {
    return { action: 'acknowledge', outcome: await confirmCancel(context, message) };
  }
  if (receiveCount > MAX_RETRIES + 1) {
    const error = new Error('The worker died at every attempt, most likely out of memory or time.');
    const job = await context.jobs.get(message);
    if (job?.error?.resumable && job.run === message.run) {
      await tidyUp(context, message);
      return { action: 'dead-letter', error };
    }
    if (job !== null && !(await isTaskDone(context, job, message))) throw error;
  }
  const outcome = await verb(context, message);
  if (outcome === 'stale') await tidyUp(context, message);
  return { action: 'acknowledge', outcome };
}

function verb(context: PipelineContext, message: RunMessage): Promise<WorkOutcome> {
  switch (message.type) {
    case 'plan':
      return planUpload(context, message);
    case 'scan':
      return scanChunk(context, message);
    case 'analyse':
      return analyseShard(context, message);
    case 'report':
      return writeReport(context, message);
  }
}

/** Does for a job that is over what is due then, in case the worker that ended it died before it could. */
async function tidyUp(context: PipelineContext, message: RunMessage): Promise<void> {
  const job = await context.jobs.get(message);
  if (job === null || !isFinal(job.state)) return;
  await context.inFlight.leave(message);
  if (job.run !== message.run) return;
  await announceEnd(context, job);
  await announceFailure(context, job);
}

async function settle(
  context: PipelineContext,
  work: WorkMessage | null,
  receiveCount: number,
  error: unknown,
): Promise<Handling> {
  const failed = work === null || work.type === 'cancel' ? null : work;
  if (failed !== null && error instanceof AnalysisError && error.code !== 'internal') {
    await failJob(context, failed, error);
    return { action: 'acknowledge', outcome: 'failed', code: error.code };
  }
  const delaySeconds = retryDelaySeconds(receiveCount);
  if (failed !== null) await noteAttempt(context, failed, receiveCount, error);
  if (delaySeconds !== null) {
    context.metrics.count(METRICS.attemptsFailed);
    return { action: 'retry', delaySeconds, error };
  }
  context.metrics.count(METRICS.tasksGivenUp);
  if (failed !== null) await failJob(context, failed, givenUp(failed, receiveCount, error));
  return { action: 'dead-letter', error };
}

/** Every failed attempt stands in the timeline with its reason. */
async function noteAttempt(
  context: PipelineContext,
  message: RunMessage,
  attempt: number,
  error: unknown,
): Promise<void> {
  const job = await context.jobs.get(message);
  if (job === null) return;
  const task = taskName(message);
  const isLast = retryDelaySeconds(attempt) === null;
  const event: JobEvent = {
    id: `${message.run}-${task.replaceAll(' ', '-')}-${attempt}`,
    at: timeOf(context.clock.now()),
    kind: isLast ? 'given_up' : 'attempt_failed',
    state: job.state,
    message: reasonOf(error),
    task,
    attempt,
  };
  await context.jobs.append(message, event);
}

function givenUp(message: RunMessage, attempts: number, error: unknown): AnalysisError {
  return new AnalysisError(
    'internal',
    `The task "${taskName(message)}" failed ${attempts} times, at last with: ${reasonOf(error)}`,
    'Redrive the job once the cause is mended: what was done is kept, and only the rest is done again.',
    { cause: error },
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
