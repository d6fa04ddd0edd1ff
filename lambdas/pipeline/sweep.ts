import type { Job } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { AnalysisError } from '../domain/errors.ts';
import { startWith } from './accept-upload.ts';
import { confirmCancel } from './cancel.ts';
import type { PipelineContext } from './context.ts';
import { announceFailure, failJob } from './fail-job.ts';
import { changeJob, refOf, runOf, timeOf } from './job-record.ts';
import { missingMessages, phaseMessages, phaseSet } from './tasks.ts';

const PAGE = 100;

/** What the sweeper did with a job. */
export type SweepAction = 'moving' | 'resumed' | 'failed' | 'cancelled' | 'expired' | 'started' | 'announced';

/**
 * Looks after jobs that nothing will happen to by itself: a message was lost, a worker died at its last attempt, a file
 * never came, a failure was not told. Resumes a bounded number of times, then fails the job with an explanation.
 *
 * @returns what was done, by job id
 */
export async function sweep(context: PipelineContext): Promise<ReadonlyMap<string, SweepAction>> {
  const { jobs, clock, settings } = context;
  const now = clock.now();
  const before = (seconds: number) => timeOf(now - seconds * 1000);
  const actions = new Map<string, SweepAction>();
  for (const job of await jobs.listStale('work', before(settings.strandedAfterSeconds), PAGE)) {
    actions.set(job.id, await sweepWork(context, job, now));
  }
  for (const job of await jobs.listStale('upload', before(settings.uploadExpiresAfterSeconds), PAGE)) {
    actions.set(job.id, await sweepUpload(context, job));
  }
  for (const job of await jobs.listStale('alert', before(settings.strandedAfterSeconds), PAGE)) {
    await announceFailure(context, job);
    actions.set(job.id, 'announced');
  }
  return actions;
}

async function sweepWork(context: PipelineContext, job: Job, now: number): Promise<SweepAction> {
  if (job.state === 'CANCELLING') {
    await confirmCancel(context, refOf(job));
    return 'cancelled';
  }
  if (job.waitingUntil !== null && now < Date.parse(job.waitingUntil)) return 'moving';
  const set = phaseSet(job);
  const tasksDone = set === null ? 0 : (await context.jobs.commits(set)).size;
  const { resends } = job.sweep;
  const isMoving = tasksDone > job.sweep.tasksDone;
  if (!isMoving && resends >= context.settings.maxResends) {
    await failJob(context, runOf(job), stranded(job));
    return 'failed';
  }
  const seen = await changeJob(context, job, (current) => {
    // Whoever wrote the job since it was listed is at work on it.
    if (current.revision !== job.revision) return null;
    if (isMoving) return { set: { sweep: { tasksDone, resends: 0 } } };
    const event = { kind: 'resent', message: 'Nothing moved; what is missing was sent again.' } as const;
    return { set: { sweep: { tasksDone, resends: resends + 1 } }, event };
  });
  if (seen === null || isMoving) return 'moving';
  await resend(context, seen);
  context.metrics.count(METRICS.jobsResumed);
  return 'resumed';
}

/** Sends what is missing; of a complete phase one message, whose worker then moves the job on. */
async function resend(context: PipelineContext, job: Job): Promise<void> {
  if (job.state === 'PENDING' || job.state === 'PLANNING') {
    return context.queue.send([{ type: 'plan', ...runOf(job) }]);
  }
  const missing = await missingMessages(context, job);
  const messages = missing.length > 0 ? missing : (await phaseMessages(context, job)).slice(0, 1);
  await context.queue.send(messages);
}

async function sweepUpload(context: PipelineContext, job: Job): Promise<SweepAction> {
  const object = await context.objects.head(job.source.key, null);
  if (object !== null) {
    // The file is there: it was its event that never came.
    const { key, versionId, etag, bytes } = object;
    const started = await startWith(context, job, { key, versionId, etag, bytes });
    if (started !== null) await context.queue.send([{ type: 'plan', ...runOf(started) }]);
    return 'started';
  }
  const expired = await changeJob(context, job, ({ state }) => {
    if (state !== 'AWAITING_UPLOAD') return null;
    const event = { kind: 'state', message: 'Its file never came.' } as const;
    return { set: { state: 'EXPIRED', finishedAt: timeOf(context.clock.now()) }, event };
  });
  if (expired !== null) context.metrics.count(METRICS.jobsExpired);
  return 'expired';
}

function stranded({ sweep: { resends } }: Job): AnalysisError {
  return new AnalysisError(
    'internal',
    `The job stood still, and sending its messages again ${resends} times did not help.`,
    'Look for the cause in the timeline and the logs, then redrive the job: what was done is kept.',
  );
}
