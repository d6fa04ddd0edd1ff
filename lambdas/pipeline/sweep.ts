import type { Job, Watch } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { AnalysisError } from '../domain/errors.ts';
import { startWith } from './accept-upload.ts';
import { announceLate } from './announce-end.ts';
import { confirmCancel } from './cancel.ts';
import type { PipelineContext } from './context.ts';
import { announceFailure, failJob } from './fail-job.ts';
import { changeJob, refOf, runOf, timeOf } from './job-record.ts';
import { joinLate } from './join-history.ts';
import { loadLate } from './load-results.ts';
import { missingMessages, phaseMessages, phaseSet } from './tasks.ts';

const PAGE = 100;
/** Longer than a database takes to fail over or to wake up. */
const RELOAD_AFTER_SECONDS = 60;
/** Longer than the worker takes that ended the job. */
const ANNOUNCE_AFTER_SECONDS = 60;

/** What the sweeper did with a job. */
export type SweepAction =
  | 'moving'
  | 'resumed'
  | 'failed'
  | 'cancelled'
  | 'expired'
  | 'started'
  | 'announced'
  | 'loaded'
  | 'joined';

/** What became of one job: what was done with it, or why that failed. */
export interface SweepOutcome {
  readonly job: Job;
  readonly action: SweepAction | null;
  readonly error?: unknown;
}

/**
 * Looks after jobs that nothing will happen to by itself: a message was lost, a worker died at its last attempt, a file
 * never came, an end was not told, results were not loaded. Resumes a bounded number of times, then fails the job with an
 * explanation.
 *
 * @param tell is told of every job as soon as it was looked after
 * @returns what was done, by job id
 * @throws AggregateError with what went wrong with single jobs, once all of them were looked at
 */
export async function sweep(
  context: PipelineContext,
  tell: (outcome: SweepOutcome) => void = () => undefined,
): Promise<ReadonlyMap<string, SweepAction>> {
  const now = context.clock.now();
  const { strandedAfterSeconds, uploadExpiresAfterSeconds } = context.settings;
  const actions = new Map<string, SweepAction>();
  const errors: unknown[] = [];
  const each = async (watch: Watch, afterSeconds: number, act: (job: Job) => Promise<SweepAction>) => {
    const stale = await context.jobs.listStale(watch, timeOf(now - afterSeconds * 1000), PAGE);
    for (const job of stale) {
      try {
        const action = await act(job);
        actions.set(job.id, action);
        tell({ job, action });
      } catch (error) {
        errors.push(error);
        tell({ job, action: null, error });
      }
    }
  };
  await each('work', strandedAfterSeconds, (job) => sweepWork(context, job, now));
  await each('upload', uploadExpiresAfterSeconds, (job) => sweepUpload(context, job));
  await each('event', ANNOUNCE_AFTER_SECONDS, (job) => sweepEvent(context, job));
  await each('alert', strandedAfterSeconds, (job) => sweepAlert(context, job));
  await each('result', RELOAD_AFTER_SECONDS, (job) => sweepResult(context, job));
  await each('history', RELOAD_AFTER_SECONDS, (job) => sweepHistory(context, job));
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} jobs could not be looked after.`);
  return actions;
}

async function sweepEvent(context: PipelineContext, job: Job): Promise<SweepAction> {
  await announceLate(context, job);
  return 'announced';
}

async function sweepAlert(context: PipelineContext, job: Job): Promise<SweepAction> {
  await announceFailure(context, job);
  return 'announced';
}

async function sweepResult(context: PipelineContext, job: Job): Promise<SweepAction> {
  await loadLate(context, job);
  return 'loaded';
}

async function sweepHistory(context: PipelineContext, job: Job): Promise<SweepAction> {
  await joinLate(context, job);
  return 'joined';
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
