import type { AnalyzeRequest } from '../contracts/api/analyze.ts';
import type { Job } from '../contracts/job.ts';
import { announcedUploadKey } from '../contracts/object-keys.ts';
import { datasetIdOf } from '../domain/job/dataset-id.ts';
import { jobIdOf } from '../domain/job/job-id.ts';
import { isFinal } from '../domain/job/states.ts';
import { tenantOf } from '../http/caller.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { linkTo } from '../http/links.ts';
import { readPreferences } from '../http/prefer.ts';
import { newJob } from '../pipeline/new-job.ts';
import type { Clock } from '../ports/clock.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { digestOf } from './digest.ts';
import { hintsOf } from './hints.ts';
import { presentJob } from './present-job.ts';

export interface DeferServices {
  readonly jobs: JobStore;
  readonly objects: Pick<ObjectStore, 'putIfAbsent'>;
  readonly clock: Clock;
  /** Lets time pass. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

const FILE_NAME = 'request.json';
const UNNAMED = 'Untitled';
/** Requests of the same bytes within such a stretch of time are one job. */
const SHARED_MS = 60_000;
const POLL_MS = 250;

/**
 * Makes a job of a request: announces it, and puts the body where uploads go, whose arrival starts it. So it is accepted
 * once the body is kept, and what is kept is never lost. The same bytes sent again meanwhile join the job.
 *
 * @returns the job: 202, or 200 when it was waited for and is over
 */
export async function deferAnalysis(
  services: DeferServices,
  request: ApiRequest,
  content: AnalyzeRequest,
): Promise<ApiResponse> {
  const { respondAsync, waitSeconds } = readPreferences(request.headers['prefer']);
  const job = await shareJob(services, request, content);
  await services.objects.putIfAbsent(job.source.key, request.body, 'application/json');
  const seen = waitSeconds === null ? job : await waitFor(services, request, job, waitSeconds);
  const applied = [respondAsync && 'respond-async', waitSeconds !== null && `wait=${waitSeconds}`];
  const preferences = applied.filter((preference) => preference !== false).join(', ');
  const isOver = isFinal(seen.state);
  return {
    status: isOver ? 200 : 202,
    jobId: job.id,
    headers: {
      Location: linkTo(request, '/api/jobs/{jobId}', { jobId: job.id }),
      ...(!isOver && { 'Retry-After': '1' }),
      ...(preferences !== '' && { 'Preference-Applied': preferences }),
    },
    body: await presentJob(services, request, seen),
  };
}

/** The job that somebody else's same request has started just now and that may still succeed, or a new one. */
async function shareJob(
  { jobs, clock }: DeferServices,
  request: ApiRequest,
  content: AnalyzeRequest,
): Promise<Job> {
  const tenant = tenantOf(request);
  const now = clock.now();
  const shared = jobIdOf(now - (now % SHARED_MS), `${tenant}\n${digestOf(request.body)}`);
  const candidates = [shared, jobIdOf(now, `${tenant}\n${request.requestId}`)];
  for (const id of candidates) {
    const { job, event } = newJob(announcement(tenant, id, request, content), now);
    if ((await jobs.create(job, [event])) === 'created') return job;
    const known = await jobs.get({ tenant, jobId: id });
    if (known !== null && known.state !== 'FAILED' && known.state !== 'CANCELLED') return known;
  }
  throw new Error(`The ids ${candidates.join(', ')} of a request are taken.`);
}

function announcement(tenant: string, id: string, { body, requestId }: ApiRequest, content: AnalyzeRequest) {
  const name = content.datasetName ?? content.dataset_name ?? UNNAMED;
  // Requests of one name are one dataset, without anybody having made it.
  const dataset = { id: datasetIdOf(tenant, name), name };
  const key = announcedUploadKey({ tenant, dataset: dataset.id, jobId: id, fileName: FILE_NAME });
  return {
    id,
    tenant,
    origin: 'request',
    requestId,
    dataset,
    source: { key, versionId: null, etag: null, bytes: body.length },
    hints: hintsOf(content),
    parameters: content.parameters ?? {},
  } as const;
}

async function waitFor(
  { jobs, clock, pause }: DeferServices,
  request: ApiRequest,
  job: Job,
  seconds: number,
): Promise<Job> {
  const until = Math.min(request.deadline, clock.now() + seconds * 1000);
  let seen = job;
  while (!isFinal(seen.state) && clock.now() + POLL_MS <= until) {
    await pause(POLL_MS);
    seen = (await jobs.get({ tenant: job.tenant, jobId: job.id })) ?? seen;
  }
  return seen;
}
