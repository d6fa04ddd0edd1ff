import type { Job } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { requestOf } from '../contracts/request.ts';
import type { PipelineContext } from './context.ts';
import { changeJob } from './job-record.ts';
import { announce, type WebhookEvent } from './webhooks/announce.ts';

type AnnounceEndContext = Pick<PipelineContext, 'jobs' | 'clock' | 'metrics' | 'webhooks' | 'deliveries'>;

/**
 * Has webhooks told how a job ended, unless they were. That this fails is no reason to fail the job or to do its last task
 * again: it is counted, and the sweeper tries again until it works.
 */
export async function announceEnd(context: AnnounceEndContext, job: Job): Promise<void> {
  try {
    await announceLate(context, job);
  } catch {
    context.metrics.count(METRICS.endsNotAnnounced);
  }
}

/**
 * Has webhooks told how a job ended, unless they were. The job notes it afterwards: a worker that dies in between has it
 * announced twice, which is one event to receivers, never not at all.
 *
 * @throws what keeps it from being announced
 */
export async function announceLate(context: AnnounceEndContext, job: Job): Promise<void> {
  const event = job.announced === false ? endOf(job) : null;
  if (event === null) return;
  await announce(context, job.tenant, event);
  await changeJob(context, job, (current) =>
    current.finishedAt === job.finishedAt && current.announced === false
      ? { set: { announced: true } }
      : null,
  );
}

/** What is told of a job that is over; null while it is not. */
function endOf(job: Job): WebhookEvent | null {
  const { id: jobId, run, dataset, state, error, finishedAt } = job;
  if (finishedAt === null) return null;
  const about = { jobId, run, datasetId: dataset.id };
  const event = (type: WebhookEvent['type'], data: WebhookEvent['data']): WebhookEvent => ({
    id: `${jobId}/${run}/${type}`,
    type,
    at: finishedAt,
    work: { jobId, ...requestOf(job) },
    data,
  });
  switch (state) {
    case 'SUCCEEDED':
      return event('job.succeeded', { ...about, counts: countsOf(job) });
    case 'FAILED':
      return event('job.failed', { ...about, error: error && { code: error.code, message: error.message } });
    case 'CANCELLED':
      return event('job.cancelled', about);
    default:
      return null;
  }
}

/** Creatives: all, those that could be analysed, and of these how many have each status. */
function countsOf({ totals, statuses }: Job): WebhookEvent['data'] {
  return {
    creatives: totals?.items,
    analysed: totals?.analysed,
    excluded: totals?.excluded,
    terminalDecline: statuses?.terminal_decline,
    fatigued: statuses?.fatigued,
    earlyFatigue: statuses?.early_fatigue,
    healthy: statuses?.healthy,
    unknown: statuses?.unknown,
  };
}
