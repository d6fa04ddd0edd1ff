import type * as z from 'zod';
import { MAX_REQUEST_BYTES } from '../contracts/api/analyze.ts';
import { analyzeBatchSchema } from '../contracts/api/batch.ts';
import { datasetIdOf } from '../domain/job/dataset-id.ts';
import { tenantOf } from '../http/caller.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseBody } from '../http/input.ts';
import { linkTo } from '../http/links.ts';
import { Problem } from '../http/problem.ts';
import { type BatchEntry, submitBatch } from '../pipeline/submit-batch.ts';
import { hintsOf } from './hints.ts';
import type { ControlServices } from './services.ts';

type Entry = z.infer<typeof analyzeBatchSchema>['datasets'][number];

const UNNAMED = 'Untitled';

/** Makes a job of each dataset of a batch; all of them or, when one cannot be, none. */
export async function analyzeBatch(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  if (request.body.length > MAX_REQUEST_BYTES) {
    const detail = `The body has ${request.body.length} bytes; at most ${MAX_REQUEST_BYTES} are taken.`;
    throw new Problem('dataset_too_large', detail);
  }
  const { datasets } = parseBody(analyzeBatchSchema, request);
  const tenant = tenantOf(request);
  const entries = datasets.map((entry) => entryOf(tenant, entry));
  const ids = await submitBatch(services, {
    tenant,
    submissionId: request.requestId,
    requestId: request.requestId,
    submittedAt: services.clock.now(),
    entries,
  });
  const jobs = entries.map(({ datasetId, name }, i) => {
    const id = ids[i] ?? '';
    return {
      id,
      dataset: { id: datasetId, name },
      links: { self: linkTo(request, '/api/jobs/{jobId}', { jobId: id }) },
    };
  });
  return { status: 202, headers: { 'Retry-After': '1' }, body: { jobs } };
}

function entryOf(tenant: string, entry: Entry): BatchEntry {
  const hints = hintsOf(entry);
  if ('key' in entry) {
    const { name, key, versionId, parameters } = entry;
    return { name, datasetId: datasetIdOf(tenant, name), input: { key, versionId }, hints, parameters };
  }
  const { datasetName, dataset_name: alias, items, columns, parameters = {} } = entry;
  const name = datasetName ?? alias ?? UNNAMED;
  const document = Buffer.from(JSON.stringify(items === undefined ? { columns } : { items }));
  return { name, datasetId: datasetIdOf(tenant, name), input: { document }, hints, parameters };
}
