import * as z from 'zod';
import { datasetNameSchema } from '../dataset.ts';
import { hintsSchema } from '../job.ts';
import { parametersSchema } from '../parameters.ts';
import { analyzeRequestSchema } from './analyze.ts';
import { jobSummarySchema } from './jobs.ts';

/** Datasets of one request, at most. */
export const MAX_BATCH = 1000;

const uploadedSchema = z.strictObject({
  name: datasetNameSchema,
  key: z.string().min(1).max(1024).describe('of an upload that is there: uploads/<tenant>/…'),
  versionId: z.string().min(1).max(1024).nullable().default(null),
  ...hintsSchema.shape,
  parameters: parametersSchema.default({}),
});

/** Body of `POST /api/analyze/batch`: files that are there, or observations as `POST /api/analyze` takes them. */
export const analyzeBatchSchema = z.strictObject({
  datasets: z
    .array(z.union([uploadedSchema, analyzeRequestSchema]))
    .min(1)
    .max(MAX_BATCH),
});

export const batchAnswerSchema = z.strictObject({
  jobs: z
    .array(
      z.strictObject({
        id: jobSummarySchema.shape.id,
        dataset: z.strictObject({ id: z.string(), name: z.string() }),
        links: z.strictObject({ self: z.string() }),
      }),
    )
    .describe('in the order of the datasets'),
});
