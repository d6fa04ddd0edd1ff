import type * as z from 'zod';
import { createDatasetSchema, MAX_SINGLE_BYTES } from '../contracts/api/datasets.ts';
import { type Dataset, type DatasetVersion, MAX_VERSIONS } from '../contracts/dataset.ts';
import type { Job } from '../contracts/job.ts';
import { announcedUploadKey } from '../contracts/object-keys.ts';
import { datasetIdOf } from '../domain/job/dataset-id.ts';
import { jobIdOf } from '../domain/job/job-id.ts';
import { partsOf } from '../domain/job/part-size.ts';
import { tenantOf } from '../http/caller.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseBody } from '../http/input.ts';
import { linkTo } from '../http/links.ts';
import { Problem } from '../http/problem.ts';
import { newJob } from '../pipeline/new-job.ts';
import { changeDataset, MAX_DATASETS } from './change-dataset.ts';
import { assertPortfolio } from './change-portfolios.ts';
import { hintsOf } from './hints.ts';
import { presentDataset } from './present-dataset.ts';
import { presentJob } from './present-job.ts';
import type { ControlServices } from './services.ts';

type Announcement = z.infer<typeof createDatasetSchema>;

/**
 * Announces an upload: a dataset, or the next version of the one that was made under that name; a job that waits for the
 * file; and how to send it. The file's arrival starts the job.
 */
export async function createDataset(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const wanted = parseBody(createDatasetSchema, request);
  if (wanted.sha256 !== undefined && wanted.bytes > MAX_SINGLE_BYTES) throw sha256OfParts();
  await assertPortfolio(services.portfolios, tenantOf(request), wanted.portfolioId);
  const announced = await announceVersion(services, request, wanted);
  const version = announced.dataset.versions.find(({ jobId }) => jobId === announced.jobId);
  if (version === undefined) throw new Error(`The version of ${announced.jobId} is not in its dataset.`);
  const job = await createJob(services, request, announced.dataset, version, wanted);
  return {
    status: 201,
    jobId: job.id,
    headers: { Location: linkTo(request, '/api/datasets/{datasetId}', { datasetId: announced.dataset.id }) },
    body: {
      dataset: presentDataset(request, announced.dataset),
      job: await presentJob(services, request, job),
      upload: await howToSend(services, request, announced.dataset, version, wanted),
    },
  };
}

/** Adds a version to the dataset of the name, or makes the dataset. */
async function announceVersion(
  services: ControlServices,
  request: ApiRequest,
  wanted: Announcement,
): Promise<{ dataset: Dataset; jobId: string }> {
  const tenant = tenantOf(request);
  const now = services.clock.now();
  const id = datasetIdOf(tenant, wanted.name);
  const known = await services.datasets.get({ tenant, datasetId: id });
  if (known === null) await assertRoom(services, tenant);
  const jobId = jobIdOf(now, `${tenant}\n${request.requestId}`);
  const at = new Date(now).toISOString();
  const key = announcedUploadKey({ tenant, dataset: id, jobId, fileName: wanted.filename });
  const multipart =
    wanted.bytes <= MAX_SINGLE_BYTES
      ? null
      : { uploadId: await services.uploads.begin(key, wanted.contentType), ...partsOf(wanted.bytes) };
  const upload = { jobId, key, fileName: wanted.filename, bytes: wanted.bytes, createdAt: at, multipart };
  const { name, portfolioId = null } = wanted;
  const first: Dataset = {
    ...{ id, tenant, revision: 1, name, portfolioId, createdAt: at, updatedAt: at },
    versions: [{ version: 1, ...upload }],
  };
  if (known === null && (await services.datasets.create(first)) === 'created')
    return { dataset: first, jobId };
  const there = known ?? (await services.datasets.get({ tenant, datasetId: id }));
  if (there === null) throw new Error(`The dataset ${id} is there and is not.`);
  const dataset = await changeDataset(services, there, ({ versions, portfolioId: own }) => ({
    versions: [...versions, { version: (versions.at(-1)?.version ?? 0) + 1, ...upload }].slice(-MAX_VERSIONS),
    portfolioId: wanted.portfolioId ?? own,
  }));
  return { dataset, jobId };
}

async function assertRoom({ datasets }: ControlServices, tenant: string): Promise<void> {
  if ((await datasets.list(tenant, MAX_DATASETS)).length < MAX_DATASETS) return;
  throw new Problem('invalid_request', `There are ${MAX_DATASETS} datasets, and there can be no more.`, {
    remedy: 'Upload a further version of one of them, or delete one.',
  });
}

async function createJob(
  { jobs, clock }: ControlServices,
  { requestId }: ApiRequest,
  { id, tenant, name }: Dataset,
  { version, jobId, key, bytes }: DatasetVersion,
  wanted: Announcement,
): Promise<Job> {
  const announcement = {
    id: jobId,
    tenant,
    origin: 'upload',
    requestId,
    history: 'adds',
    dataset: { id, name, version },
    source: { key, versionId: null, etag: null, bytes },
    hints: hintsOf(wanted),
    parameters: wanted.parameters,
  } as const;
  const { job, event } = newJob(announcement, clock.now());
  await jobs.create(job, [event]);
  return job;
}

async function howToSend(
  { uploads }: ControlServices,
  request: ApiRequest,
  { id }: Dataset,
  { key, bytes, multipart }: DatasetVersion,
  { contentType, sha256 }: Announcement,
) {
  if (multipart === null) {
    const digest = sha256 === undefined ? null : Buffer.from(sha256, 'hex').toString('base64');
    return {
      kind: 'single',
      method: 'PUT',
      ...(await uploads.signPut(key, { bytes, contentType, sha256: digest })),
    };
  }
  const link = (rest: string) => linkTo(request, `/api/datasets/{datasetId}/${rest}`, { datasetId: id });
  const links = { parts: link('parts'), complete: link('complete'), abort: link('upload') };
  return { kind: 'multipart', partBytes: multipart.partBytes, parts: multipart.parts, links };
}

function sha256OfParts(): Problem {
  const detail = `only for files of at most ${MAX_SINGLE_BYTES} bytes; of parts S3 keeps none of the whole`;
  return new Problem('invalid_request', `sha256 is ${detail}.`, { errors: [{ pointer: '/sha256', detail }] });
}
