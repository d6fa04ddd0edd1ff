import { createDataset } from '../../lambdas/api/create-dataset.ts';
import { createdDatasetSchema } from '../../lambdas/contracts/api/datasets.ts';
import type { OperationId } from '../../lambdas/contracts/routes.ts';
import { Problem } from '../../lambdas/http/problem.ts';
import { acceptUpload } from '../../lambdas/pipeline/accept-upload.ts';
import { CALLER, json, requestFor } from '../http/requests.ts';
import { contextOver } from '../simulation/ports.ts';
import { type createServices, NOW } from './services.ts';

export const MIB = 2 ** 20;
export const SMALL = { name: 'Spring UK', filename: 'spring.csv', bytes: 1000 };
export const LARGE = { ...SMALL, bytes: 64 * MIB + 1 };
export type Cloud = ReturnType<typeof createServices>;

/** Requests so far: the id of the last is `req_` and this. */
export let requests = 0;
export async function announce(cloud: Cloud, body: object, caller = CALLER) {
  const requestId = `req_${++requests}`;
  const response = await createDataset(
    cloud.services,
    requestFor('createDataset', { body: json(body), caller, requestId }),
  );
  return { ...response, ...createdDatasetSchema.parse(response.body) };
}

export function about(operation: OperationId, datasetId: string, body: object = {}, caller = CALLER) {
  const requestId = `req_${++requests}`;
  return requestFor(operation, { parameters: { datasetId }, body: json(body), caller, requestId });
}

export async function addPortfolio({ portfolios }: Cloud, id: string): Promise<void> {
  const at = new Date(NOW).toISOString();
  const { revision, portfolios: others } = await portfolios.read('acme');
  const added = { id, name: id, createdAt: at, updatedAt: at };
  await portfolios.replace({ tenant: 'acme', revision: revision + 1, portfolios: [...others, added] });
}

export async function refusalOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'accepted',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );
}

/** What the pipeline hears when a file arrives. */
export async function arrive(cloud: Cloud, jobId: string) {
  const job = cloud.store.get({ tenant: 'acme', jobId })!;
  const { key, versionId, etag, bytes } = cloud.store.put(
    job.source.key,
    new Uint8Array(job.source.bytes ?? 0),
  );
  const context = contextOver({ store: cloud.store, now: () => NOW, send: () => undefined });
  return acceptUpload(context, { type: 'uploaded', key, versionId, etag, bytes, at: NOW });
}
