import { listEventsQuery } from '../contracts/api/jobs.ts';
import { type Job, jobIdSchema } from '../contracts/job.ts';
import { isFinal } from '../domain/job/states.ts';
import { tenantOf } from '../http/caller.ts';
import { isKnown, weakEntityTag } from '../http/entity-tag.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseQuery } from '../http/input.ts';
import { pageResponse, positionOf } from '../http/page.ts';
import { readPreferences } from '../http/prefer.ts';
import { Problem } from '../http/problem.ts';
import { cancelJob as cancel } from '../pipeline/cancel.ts';
import { refOf } from '../pipeline/job-record.ts';
import type { JobStore } from '../ports/job-store.ts';
import { presentJob } from './present-job.ts';
import type { ControlServices } from './services.ts';

const POLL_MS = 500;
/** Youngest age in seconds from which a caller shall ask every so many seconds. */
const PACE = [
  [60, 5],
  [10, 2],
  [0, 1],
] as const;

/**
 * One job. `Prefer: wait=N` holds the answer until something changes: against what `If-None-Match` names, otherwise
 * against what is there now. A job that is over is answered at once.
 */
export async function getJob(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const { waitSeconds } = readPreferences(request.headers['prefer']);
  const until = Math.min(request.deadline, services.clock.now() + (waitSeconds ?? 0) * 1000);
  const known = request.headers['if-none-match'];
  let job = await findJob(services, request);
  let answer = await presentJob(services, request, job);
  const first = tagOf(answer);
  const isNews = () => !isKnown(tagOf(answer), known ?? first);
  while (!isFinal(job.state) && !isNews() && services.clock.now() + POLL_MS <= until) {
    await services.pause(POLL_MS);
    job = await findJob(services, request);
    answer = await presentJob(services, request, job);
  }
  return {
    status: 200,
    headers: {
      ...paceOf(services, job),
      ETag: tagOf(answer),
      ...(waitSeconds !== null && { 'Preference-Applied': `wait=${waitSeconds}` }),
    },
    body: answer,
  };
}

/** Asks a job to stop: 202 while it is stopping, 200 with the job as it is when it was over before. */
export async function cancelJob(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const job = await cancel(services, refOf(await findJob(services, request)));
  if (job === null) throw missing();
  const status = isFinal(job.state) ? 200 : 202;
  return {
    status,
    jobId: job.id,
    headers: paceOf(services, job),
    body: await presentJob(services, request, job),
  };
}

/** What happened to a job, oldest first. */
export async function listEvents(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const { limit } = parseQuery(listEventsQuery, request);
  const [at, id] = positionOf(request) ?? [];
  const after = typeof at === 'string' && typeof id === 'string' ? { at, id } : null;
  const job = await findJob(services, request);
  const found = await services.jobs.events(refOf(job), { after, order: 'oldest', limit: limit + 1 });
  const data = found.slice(0, limit);
  const last = data.at(-1);
  const next = found.length > limit && last !== undefined ? [last.at, last.id] : null;
  return pageResponse(request, { data, next, total: null });
}

/** The job that a path names. @throws Problem `not_found`, for those of other tenants too */
export async function findJob(
  { jobs }: { readonly jobs: Pick<JobStore, 'get'> },
  request: ApiRequest,
): Promise<Job> {
  const { success, data: jobId } = jobIdSchema.safeParse(request.parameters['jobId']);
  const job = success ? await jobs.get({ tenant: tenantOf(request), jobId }) : null;
  if (job === null) throw missing();
  return job;
}

function missing(): Problem {
  return new Problem('not_found', 'There is no job of this id, or it is no longer kept.');
}

/** Weak, since the estimate moves with the clock alone, and that is no news. */
function tagOf(answer: Awaited<ReturnType<typeof presentJob>>): string {
  return weakEntityTag(JSON.stringify({ ...answer, progress: { ...answer.progress, etaSeconds: null } }));
}

/** How long to wait before asking again about a job that is not over. */
function paceOf(
  { clock }: Pick<ControlServices, 'clock'>,
  { state, createdAt }: Job,
): Record<string, string> {
  if (isFinal(state)) return {};
  const age = (clock.now() - Date.parse(createdAt)) / 1000;
  const seconds = PACE.find(([from]) => age >= from)?.[1] ?? 1;
  return { 'Retry-After': String(seconds) };
}
