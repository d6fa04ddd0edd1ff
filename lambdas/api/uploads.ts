import { presignPartsSchema } from '../contracts/api/datasets.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseBody } from '../http/input.ts';
import { linkTo } from '../http/links.ts';
import { Problem } from '../http/problem.ts';
import { cancelJob } from '../pipeline/cancel.ts';
import { concurrently } from '../pipeline/concurrently.ts';
import type { UploadedPart } from '../ports/upload-store.ts';
import { findDataset, multipartOf, newestVersion } from './find-dataset.ts';
import { presentJob } from './present-job.ts';
import type { ControlServices } from './services.ts';

/** Signing is a few hashes; this only keeps the answer from waiting for the slowest of many. */
const CONCURRENCY = 16;

/** Addresses for parts of the newest upload, each for exactly its bytes. */
export async function presignParts(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const { from, to } = parseBody(presignPartsSchema, request);
  const upload = multipartOf(await findDataset(services, request));
  if (to > upload.parts) throw outside(to, upload.parts);
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const parts = await concurrently(numbers, CONCURRENCY, async (partNumber) => ({
    partNumber,
    ...(await services.uploads.signPart(upload.ref, partNumber, bytesOf(upload, partNumber))),
  }));
  return { status: 200, body: { parts } };
}

/** The parts of the newest upload that have arrived, by which it can be resumed. */
export async function listParts(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const upload = multipartOf(await findDataset(services, request));
  return { status: 200, body: { partBytes: upload.partBytes, parts: await arrived(services, upload.ref) } };
}

/** Puts the parts of the newest upload together. The file is there then, and its arrival starts the job. */
export async function completeUpload(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const dataset = await findDataset(services, request);
  const { jobId } = newestVersion(dataset);
  const upload = multipartOf(dataset);
  const parts = await services.uploads.listParts(upload.ref);
  // An upload that is no longer there was completed before, or given up; its job says which.
  if (parts !== null) {
    assertWhole(parts, upload);
    await services.uploads.complete(upload.ref, parts);
  }
  const job = await services.jobs.get({ tenant: dataset.tenant, jobId });
  if (job === null) throw new Problem('not_found', 'The job of the upload is no longer kept.');
  if (parts === null && (job.state === 'EXPIRED' || job.state === 'CANCELLED')) throw given();
  return {
    status: 202,
    jobId,
    headers: { Location: linkTo(request, '/api/jobs/{jobId}', { jobId }), 'Retry-After': '1' },
    body: await presentJob(services, request, job),
  };
}

/** Gives the newest upload up, with the job that waits for it. One that has arrived stays. */
export async function abortUpload(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const dataset = await findDataset(services, request);
  const { jobId, key, multipart } = newestVersion(dataset);
  const ref = { tenant: dataset.tenant, jobId };
  const job = await services.jobs.get(ref);
  if (job?.state === 'AWAITING_UPLOAD') await cancelJob(services, ref);
  if (multipart !== null) await services.uploads.abort({ key, uploadId: multipart.uploadId });
  return { status: 204, jobId };
}

type Upload = ReturnType<typeof multipartOf>;

async function arrived({ uploads }: ControlServices, ref: Upload['ref']): Promise<readonly UploadedPart[]> {
  const parts = await uploads.listParts(ref);
  if (parts === null) throw given();
  return parts;
}

function bytesOf({ bytes, partBytes, parts }: Upload, partNumber: number): number {
  return partNumber < parts ? partBytes : bytes - (parts - 1) * partBytes;
}

/** @throws Problem `invalid_request` naming the first parts that are missing or of another size */
function assertWhole(arrivedParts: readonly UploadedPart[], upload: Upload): void {
  const sizes = new Map(arrivedParts.map(({ partNumber, bytes }) => [partNumber, bytes]));
  const numbers = Array.from({ length: upload.parts }, (_, i) => i + 1);
  const wrong = numbers.filter((number) => sizes.get(number) !== bytesOf(upload, number));
  if (wrong.length === 0) return;
  const shown = wrong.slice(0, 20).join(', ');
  throw new Problem('invalid_request', `${wrong.length} parts are missing or not of their size: ${shown}.`, {
    remedy: 'Send these parts, and complete the upload again.',
  });
}

function outside(to: number, parts: number): Problem {
  const detail = `the upload has ${parts} parts`;
  return new Problem('invalid_request', `There is no part ${to}: ${detail}.`, {
    errors: [{ pointer: '/to', detail }],
  });
}

function given(): Problem {
  return new Problem(
    'not_found',
    'There is no such upload any more: it was completed, given up, or took too long.',
  );
}
