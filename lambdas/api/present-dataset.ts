import type * as z from 'zod';
import type { datasetAnswerSchema } from '../contracts/api/datasets.ts';
import type { Dataset } from '../contracts/dataset.ts';
import type { ApiRequest } from '../http/exchange.ts';
import { linkTo } from '../http/links.ts';

export function presentDataset(request: ApiRequest, dataset: Dataset): z.input<typeof datasetAnswerSchema> {
  const { id, name, portfolioId, createdAt, updatedAt, versions } = dataset;
  const link = (rest: string) => linkTo(request, `/api/datasets/{datasetId}${rest}`, { datasetId: id });
  return {
    id,
    name,
    portfolioId,
    createdAt,
    updatedAt,
    versions: versions.toReversed().map(({ version, jobId, fileName, bytes, createdAt: at }) => ({
      version,
      jobId,
      fileName,
      bytes,
      createdAt: at,
    })),
    links: {
      self: link(''),
      jobs: `${linkTo(request, '/api/jobs')}?dataset=${id}`,
      analyze: link('/jobs'),
    },
  };
}
