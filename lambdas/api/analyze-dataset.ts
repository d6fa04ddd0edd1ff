import type * as z from 'zod';
import { analyzeDatasetSchema } from '../contracts/api/datasets.ts';
import type { Dataset } from '../contracts/dataset.ts';
import type { Hints, JobSource } from '../contracts/job.ts';
import { jobIdOf } from '../domain/job/job-id.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseBody } from '../http/input.ts';
import { linkTo } from '../http/links.ts';
import { Problem } from '../http/problem.ts';
import { runOf } from '../pipeline/job-record.ts';
import { historySource, type NewJob, newJob } from '../pipeline/new-job.ts';
import { changeDataset } from './change-dataset.ts';
import { findDataset } from './find-dataset.ts';
import { hintsOf } from './hints.ts';
import { presentJob } from './present-job.ts';
import { reusableAnalysis, withHistoryJob } from './reusable-analysis.ts';
import type { ControlServices } from './services.ts';

/** Uploads that may be joining the history at a time. */
const NEWEST = 10;
/** What there is to know to read a history, as it is written. */
const HISTORY_HINTS: Hints = { delimiter: ',' };

/** Analyses a stored version of a dataset again, or all that its uploads add up to, without another upload. */
export async function analyzeDataset(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const wanted = parseBody(analyzeDatasetSchema, request);
  const dataset = await findDataset(services, request);
  const { tenant } = dataset;
  const now = services.clock.now();
  const id = jobIdOf(now, `${tenant}\n${request.requestId}`);
  const about =
    wanted.over === 'history'
      ? await aboutHistory(services, dataset, id, wanted)
      : await aboutVersion(services, dataset, wanted);
  const { parameters } = wanted;
  const { job, event } = newJob(
    { id, tenant, origin: 'upload', requestId: request.requestId, parameters, ...about },
    now,
  );
  await services.jobs.create(job, [event]);
  await services.queue.send([{ type: 'plan', ...runOf(job) }]);
  return {
    status: 202,
    jobId: job.id,
    headers: { Location: linkTo(request, '/api/jobs/{jobId}', { jobId: job.id }), 'Retry-After': '1' },
    body: await presentJob(services, request, job),
  };
}

type About = Pick<NewJob, 'dataset' | 'history' | 'reuses' | 'source' | 'hints'>;

async function aboutHistory(
  services: ControlServices,
  dataset: Dataset,
  jobId: string,
  { parameters }: z.infer<typeof analyzeDatasetSchema>,
): Promise<About> {
  const { jobs } = services;
  const { id, tenant, name, versions } = dataset;
  // An upload joins the history a moment after its own job has succeeded.
  for (const version of versions.slice(-NEWEST)) {
    const upload = await jobs.get({ tenant, jobId: version.jobId });
    if (upload?.joined === false)
      throw new Problem('not_ready', `Version ${version.version} is just being added to the history.`);
  }
  const source = historySource({ tenant, jobId, run: 1 });
  const reuses = await reusableAnalysis(services, dataset, parameters);
  // Before there is the job: one that never comes is passed over, one that is not listed would never be used again.
  await changeDataset(services, dataset, (current) => withHistoryJob(current, jobId));
  return {
    dataset: { id, name },
    history: 'covers',
    source,
    hints: HISTORY_HINTS,
    ...(reuses !== undefined && { reuses }),
  };
}

async function aboutVersion(
  services: ControlServices,
  { id, tenant, name, versions }: Dataset,
  wanted: z.infer<typeof analyzeDatasetSchema>,
): Promise<About> {
  const chosen =
    wanted.version === undefined ? versions.at(-1) : versions.find((one) => one.version === wanted.version);
  if (chosen === undefined) throw new Problem('not_found', `The dataset has no version ${wanted.version}.`);
  const source = await sourceOf(services, tenant, chosen);
  return { dataset: { id, name, version: chosen.version }, source, hints: hintsOf(wanted) };
}

/** The object that the version's own job read, or the newest under its key when that job is no longer kept. */
async function sourceOf(
  { jobs, objects }: ControlServices,
  tenant: string,
  { jobId, key }: { readonly jobId: string; readonly key: string },
): Promise<JobSource> {
  const own = await jobs.get({ tenant, jobId });
  if (own?.state === 'AWAITING_UPLOAD')
    throw new Problem('not_ready', 'The file of this version has not arrived.');
  const object = await objects.head(key, own?.source.versionId ?? null);
  if (object === null) {
    throw new Problem('result_expired', 'The file of this version is no longer kept.', {
      remedy: 'Upload it again.',
    });
  }
  const { versionId, etag, bytes } = object;
  return { key, versionId, etag, bytes };
}
