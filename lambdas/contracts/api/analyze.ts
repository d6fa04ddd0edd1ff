import * as z from 'zod';
import { hintsSchema } from '../job.ts';
import { parametersSchema } from '../parameters.ts';

/** Bytes of a request that is answered at once, at most; larger ones become a job. */
export const MAX_IMMEDIATE_BYTES = 1 << 20;
/** Observations of a request that is answered at once, at most. */
export const MAX_IMMEDIATE_OBSERVATIONS = 5000;
/** Bytes of a request, at most: Lambda takes 6 MB, with the body as text in base 64 inside. */
export const MAX_REQUEST_BYTES = 1 << 22;

const datasetName = z.string().trim().min(1).max(200);
const { mapping, dayFormat, currency } = hintsSchema.shape;
// The engine reads observations by the rules of rows: one that cannot be read is counted and explained, not an error.
const observation = z.unknown();

/** Body of `POST /api/analyze`. Both spellings of the name are taken: the scaling guide's and ours. */
export const analyzeRequestSchema = z
  .strictObject({
    datasetName: datasetName.exactOptional().describe('name of the dataset'),
    dataset_name: datasetName.exactOptional().describe('the same, as the scaling guide spells it'),
    currency,
    mapping,
    dayFormat,
    parameters: parametersSchema.exactOptional(),
    items: z
      .array(observation)
      .exactOptional()
      .describe('observations: id, day or timestamp, and impressions, clicks, spend, flat or under metrics'),
    columns: z
      .record(z.string(), z.array(observation))
      .exactOptional()
      .describe('the same by columns, all of one length; instead of items'),
  })
  .refine(({ items, columns }) => (items === undefined) !== (columns === undefined), {
    path: ['items'],
    message: 'either items or columns is required',
  });

export type AnalyzeRequest = z.infer<typeof analyzeRequestSchema>;
