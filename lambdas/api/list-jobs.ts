import type * as z from 'zod';
import { listJobsQuery } from '../contracts/api/jobs.ts';
import type { Job } from '../contracts/job.ts';
import { timeDigits } from '../domain/job/job-id.ts';
import { isFinal } from '../domain/job/states.ts';
import { tenantOf } from '../http/caller.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseQuery } from '../http/input.ts';
import { pageResponse, positionOf } from '../http/page.ts';
import { concurrently } from '../pipeline/concurrently.ts';
import { readTimeline, type Timeline } from './job-timeline.ts';
import { membersOf } from './portfolio-members.ts';
import { summarizeJob } from './present-job.ts';
import type { ControlServices } from './services.ts';

/** Jobs looked at for one page; a filter that few pass then gives a short page, from which the next goes on. */
const MAX_EXAMINED = 1000;
const CONCURRENCY = 16;
/** Ids carry the time of the event that made the job, and S3's events may be this late. */
const LATEST_EVENT_MS = 24 * 60 * 60 * 1000;

type Filter = z.infer<typeof listJobsQuery> & {
  /** Whether a dataset is in the portfolio that is asked for. */
  readonly isMember: (datasetId: string) => boolean;
};

interface Match {
  readonly job: Job;
  readonly timeline: Timeline | undefined;
}

/** A tenant's jobs, newest first, that pass the filters. */
export async function listJobs(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const query = parseQuery(listJobsQuery, request);
  const [position] = positionOf(request) ?? [];
  const tenant = tenantOf(request);
  const members = await membersOf(services, tenant, query.portfolio ?? 'all');
  const filter: Filter = { ...query, isMember: members.includes };
  const since = filter.createdAfter === undefined ? '' : earliestId(filter.createdAfter);
  const matches: Match[] = [];
  let before = typeof position === 'string' ? position : null;
  let examined = 0;
  let isLast = false;
  while (!isLast && examined < MAX_EXAMINED && matches.length <= filter.limit) {
    const limit = Math.min(MAX_EXAMINED - examined, Math.max(50, filter.limit + 1));
    const jobs = await services.jobs.list({ tenant, before, since, limit });
    matches.push(...(await matching(services, filter, jobs)));
    examined += jobs.length;
    before = jobs.at(-1)?.id ?? before;
    isLast = jobs.length < limit;
  }
  const shown = matches.slice(0, filter.limit);
  const data = await concurrently(shown, CONCURRENCY, ({ job, timeline }) =>
    summarizeJob(services, request, job, timeline),
  );
  // Of what was looked at and not shown, the next page begins with the first.
  const end = matches.length > filter.limit ? shown.at(-1)?.job.id : isLast ? undefined : before;
  return pageResponse(request, { data, next: typeof end === 'string' ? [end] : null, total: null });
}

async function matching(services: ControlServices, filter: Filter, jobs: readonly Job[]): Promise<Match[]> {
  const passing = jobs.filter((job) => passes(filter, job));
  if (filter.retrying === undefined) return passing.map((job) => ({ job, timeline: undefined }));
  const wanted = filter.retrying === 'true';
  const found = await concurrently(passing, CONCURRENCY, async (job) => {
    const timeline = isFinal(job.state) ? undefined : await readTimeline(services, job);
    return { job, timeline };
  });
  return found.filter(({ timeline }) => (timeline?.retrying ?? 0) > 0 === wanted);
}

function passes({ state, dataset, createdAfter, q, isMember }: Filter, job: Job): boolean {
  if (state !== undefined && !state.includes(job.state)) return false;
  if (dataset !== undefined && job.dataset.id !== dataset) return false;
  if (!isMember(job.dataset.id)) return false;
  if (createdAfter !== undefined && Date.parse(job.createdAt) <= Date.parse(createdAfter)) return false;
  return q === undefined || job.dataset.name.toLowerCase().includes(q.toLowerCase());
}

function earliestId(createdAfter: string): string {
  return `job_${timeDigits(Math.max(0, Date.parse(createdAfter) - LATEST_EVENT_MS))}`;
}
