import * as z from 'zod';
import { type Hints, hintsSchema, type Job, type JobRef, type JobSource } from '../contracts/job.ts';
import type { PlanMessage, UploadedMessage } from '../contracts/messages.ts';
import { isSidecarKey, parseUploadKey, sidecarKey, type UploadKey } from '../contracts/object-keys.ts';
import { type ParametersInput, parametersSchema } from '../contracts/parameters.ts';
import { AnalysisError } from '../domain/errors.ts';
import { datasetIdOf } from '../domain/job/dataset-id.ts';
import { idOf, jobIdOf } from '../domain/job/job-id.ts';
import { isFinal } from '../domain/job/states.ts';
import type { PipelineContext } from './context.ts';
import { failJob } from './fail-job.ts';
import { changeJob, runOf } from './job-record.ts';
import { newJob, uploadVersion } from './new-job.ts';

const MAX_SIDECAR_BYTES = 1 << 16;
/** Folder of files that were put there by hand, each a dataset of its own by its name. */
const INBOX = 'inbox';

const sidecarSchema = z.strictObject({ ...hintsSchema.shape, parameters: parametersSchema.exactOptional() });

/**
 * Starts the job of an uploaded file: the one that was announced with its key, or a new one for a file that was put
 * there without asking and for every further version of a file. The same event always means the same job.
 *
 * @returns the message that is to be sent next; `stale` when the job needs none any more
 */
export async function acceptUpload(
  context: PipelineContext,
  upload: UploadedMessage,
): Promise<PlanMessage | 'ignored' | 'stale'> {
  const place = parseUploadKey(upload.key);
  if (place === null || isSidecarKey(upload.key)) return 'ignored';
  const job = (await announcedJob(context, upload, place)) ?? (await unannouncedJob(context, upload, place));
  if (job === null) return 'stale';
  const arrived = job.state === 'AWAITING_UPLOAD' ? await startWith(context, job, sourceOf(upload)) : job;
  if (arrived === null || arrived.state === 'CANCELLING' || isFinal(arrived.state)) return 'stale';
  return { type: 'plan', ...runOf(arrived) };
}

/** The job that an upload is about, as far as its event tells; null when it is about none. */
export function jobOfUpload(upload: UploadedMessage): JobRef | null {
  const place = parseUploadKey(upload.key);
  if (place === null || isSidecarKey(upload.key)) return null;
  return { tenant: place.tenant, jobId: place.jobId ?? unannouncedId(upload) };
}

/** The job that an upload has started; null when it has started none yet. */
export async function jobStartedBy({ jobs }: PipelineContext, upload: UploadedMessage): Promise<Job | null> {
  const place = parseUploadKey(upload.key);
  if (place === null) return null;
  const { tenant, jobId } = place;
  const announced = jobId === null ? null : await jobs.get({ tenant, jobId });
  if (announced?.startedBy === uploadVersion(upload)) return announced;
  return jobs.get({ tenant, jobId: unannouncedId(upload) });
}

/** Pins the object that an announced job waited for. @returns null when the job has gone another way meanwhile */
export function startWith(context: PipelineContext, job: Job, source: JobSource): Promise<Job | null> {
  return changeJob(context, job, (current) => {
    if (current.state !== 'AWAITING_UPLOAD') return null;
    return {
      set: { state: 'PENDING', source, startedBy: uploadVersion(source), waitingFor: 'worker' },
      event: { kind: 'state', message: 'The file has arrived.' },
    };
  });
}

function unannouncedId(upload: UploadedMessage): string {
  return jobIdOf(upload.at, `${upload.key}\n${uploadVersion(upload)}`);
}

function sourceOf({ key, versionId, etag, bytes }: UploadedMessage): JobSource {
  return { key, versionId, etag, bytes };
}

/** The job that a key names, if this upload is the one it waits for or was started by, or if it was called off. */
async function announcedJob(
  { jobs }: PipelineContext,
  upload: UploadedMessage,
  { tenant, jobId }: UploadKey,
): Promise<Job | null> {
  const job = jobId === null ? null : await jobs.get({ tenant, jobId });
  if (job === null || job.source.key !== upload.key) return null;
  if (job.startedBy === uploadVersion(upload)) return job;
  const isExpected = job.state === 'AWAITING_UPLOAD';
  const isCalledOff = job.startedBy === null && (job.state === 'CANCELLING' || job.state === 'CANCELLED');
  return isExpected || isCalledOff ? job : null;
}

async function unannouncedJob(
  context: PipelineContext,
  upload: UploadedMessage,
  { tenant, dataset, fileName }: UploadKey,
): Promise<Job | null> {
  const { jobs, clock } = context;
  const id = unannouncedId(upload);
  const known = await jobs.get({ tenant, jobId: id });
  if (known !== null) return known;
  const sidecar = await readSidecar(context, upload.key);
  const { parameters, hints } = sidecar instanceof AnalysisError ? { parameters: {}, hints: {} } : sidecar;
  const given = {
    id,
    tenant,
    origin: 's3',
    requestId: idOf('req', upload.at, `${upload.key}\n${uploadVersion(upload)}`),
    history: 'adds',
    dataset: { id: dataset === INBOX ? datasetIdOf(tenant, fileName) : dataset, name: fileName },
    hints,
    parameters,
  } as const;
  const { job, event } = newJob({ ...given, source: sourceOf(upload) }, clock.now());
  if ((await jobs.create(job, [event])) === 'exists') return jobs.get({ tenant, jobId: id });
  if (sidecar instanceof AnalysisError) await failJob(context, runOf(job), sidecar);
  return job;
}

/** How to read an upload, as the file beside it says; an error when that file cannot be understood. */
async function readSidecar(
  { objects }: PipelineContext,
  uploadKey: string,
): Promise<{ hints: Hints; parameters: ParametersInput } | AnalysisError> {
  const key = sidecarKey(uploadKey);
  const info = await objects.head(key, null);
  if (info === null) return { hints: {}, parameters: {} };
  if (info.bytes > MAX_SIDECAR_BYTES) return refusedSidecar(key, `more than ${MAX_SIDECAR_BYTES} bytes`);
  const text = new TextDecoder().decode((await objects.get(key)) ?? new Uint8Array(0));
  const content = sidecarSchema.safeParse(jsonOf(text));
  if (!content.success) return refusedSidecar(key, z.prettifyError(content.error));
  const { parameters = {}, ...hints } = content.data;
  return { hints, parameters };
}

/** The value of a JSON text; undefined, which no schema takes, when it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusedSidecar(key: string, reason: string): AnalysisError {
  return new AnalysisError(
    'invalid_request',
    `The file ${key} does not say how to read the upload: ${reason}.`,
    'Give mapping, delimiter, dayFormat, currency and parameters as JSON, or leave the file out.',
  );
}
