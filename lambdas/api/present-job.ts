import type { JobAnswer, JobSummary } from '../contracts/api/jobs.ts';
import type { Job } from '../contracts/job.ts';
import { PROBLEMS } from '../contracts/problems.ts';
import { isFinal } from '../domain/job/states.ts';
import type { ApiRequest } from '../http/exchange.ts';
import { linkTo } from '../http/links.ts';
import { type JobProgress, readProgress } from '../pipeline/read-progress.ts';
import { stagesOf } from './job-stages.ts';
import { readTimeline, type Timeline } from './job-timeline.ts';
import type { ControlServices } from './services.ts';

type Reads = Pick<ControlServices, 'jobs' | 'clock'>;

/** A job with everything that is known of its progress. */
export async function presentJob(services: Reads, request: ApiRequest, job: Job): Promise<JobAnswer> {
  const [progress, timeline] = await Promise.all([readProgress(services, job), readTimeline(services, job)]);
  const summary = summaryOf(request, job, progress, timeline.retrying);
  return {
    ...summary,
    parameters: job.parameters,
    progress: { ...summary.progress, stages: stagesOf(job, progress, timeline) },
  };
}

/** A job as a line of a list. Of one that has succeeded nothing more has to be read. */
export async function summarizeJob(
  services: Reads,
  request: ApiRequest,
  job: Job,
  timeline?: Timeline,
): Promise<JobSummary> {
  if (job.state === 'SUCCEEDED') return summaryOf(request, job, progressOfDone(job), 0);
  const { retrying } = timeline ?? (isFinal(job.state) ? { retrying: 0 } : await readTimeline(services, job));
  return summaryOf(request, job, await readProgress(services, job), retrying);
}

type Counts = Pick<JobProgress, 'percent' | 'etaSeconds' | 'rowsRead' | 'rowsRejected'>;

function progressOfDone({ rows }: Job): Counts {
  return { percent: 100, etaSeconds: null, rowsRead: rows?.read ?? 0, rowsRejected: rows?.rejected ?? 0 };
}

function summaryOf(request: ApiRequest, job: Job, counts: Counts, retrying: number): JobSummary {
  const { percent, etaSeconds, rowsRead, rowsRejected } = counts;
  const { id, state, origin, dataset, source, createdAt, startedAt, finishedAt } = job;
  return {
    id,
    state,
    source: origin,
    dataset: {
      id: dataset.id,
      name: dataset.name,
      version: dataset.version ?? null,
      over: job.history === 'covers' ? 'history' : 'version',
      bytes: source.bytes,
    },
    createdAt,
    startedAt,
    finishedAt,
    resultExpiresAt: job.deletedAt ?? job.resultExpiresAt,
    waitingFor: job.waitingFor,
    progress: { percent, etaSeconds, rowsRead, rowsRejected, retrying },
    error: errorOf(job),
    totals: job.totals,
    links: linksOf(request, job),
  };
}

function errorOf({ error }: Job): JobSummary['error'] {
  if (error === null) return null;
  const { title, remedy, retryable } = PROBLEMS[error.code];
  return { code: error.code, title, detail: error.message, remedy: error.remedy ?? remedy, retryable };
}

function linksOf(request: ApiRequest, { id, state, deletedAt }: Job): JobSummary['links'] {
  const link = (rest: string) => linkTo(request, `/api/jobs/{jobId}${rest}`, { jobId: id });
  const result = (rest: string) => (state === 'SUCCEEDED' && deletedAt === undefined ? link(rest) : null);
  return {
    self: link(''),
    events: link('/events'),
    cancel: isFinal(state) || state === 'CANCELLING' ? null : link('/cancel'),
    items: result('/items'),
    result: result('/result.json'),
    report: result('/report.csv'),
    actionQueue: result('/action-queue.csv'),
  };
}
