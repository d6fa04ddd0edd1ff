import type { Dataset, DatasetVersion } from '../contracts/dataset.ts';
import { datasetIdSchema } from '../contracts/dataset.ts';
import { tenantOf } from '../http/caller.ts';
import type { ApiRequest } from '../http/exchange.ts';
import { Problem } from '../http/problem.ts';
import type { MultipartRef } from '../ports/upload-store.ts';
import type { ControlServices } from './services.ts';

/** The dataset that a path names. @throws Problem `not_found`, for those of other tenants too */
export async function findDataset(
  { datasets }: Pick<ControlServices, 'datasets'>,
  request: ApiRequest,
): Promise<Dataset> {
  const { success, data: datasetId } = datasetIdSchema.safeParse(request.parameters['datasetId']);
  const dataset = success ? await datasets.get({ tenant: tenantOf(request), datasetId }) : null;
  if (dataset === null) throw new Problem('not_found', 'There is no dataset of this id.');
  return dataset;
}

/** The newest upload of a dataset. */
export function newestVersion({ id, versions }: Dataset): DatasetVersion {
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error(`The dataset ${id} has no version.`);
  return newest;
}

/** The newest upload of a dataset, of several parts. @throws Problem `invalid_request` when it is sent in one request */
export function multipartOf(dataset: Dataset): {
  ref: MultipartRef;
  bytes: number;
  partBytes: number;
  parts: number;
} {
  const { key, bytes, multipart } = newestVersion(dataset);
  if (multipart !== null) {
    const { uploadId, partBytes, parts } = multipart;
    return { ref: { key, uploadId }, bytes, partBytes, parts };
  }
  throw new Problem('invalid_request', 'The upload has no parts: its file is sent in one request.');
}
