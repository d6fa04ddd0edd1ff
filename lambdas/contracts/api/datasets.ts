import * as z from 'zod';
import { REJECT_REASONS } from '../../domain/observation/reject.ts';
import { datasetIdSchema, datasetNameSchema, portfolioIdSchema } from '../dataset.ts';
import { hintsSchema, jobIdSchema } from '../job.ts';
import { parametersSchema } from '../parameters.ts';
import { pageOf, pageQuery, time } from './common.ts';
import { jobAnswerSchema } from './jobs.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Longest file that is sent in one request. */
export const MAX_SINGLE_BYTES = 64 * MIB;
/** Longest file at all. */
export const MAX_UPLOAD_BYTES = 1024 * GIB;
/** URLs of parts that are given at once. */
const MAX_PRESIGNED_PARTS = 200;
/** Bytes of the head of a file that a preview is made of. */
export const MAX_PREVIEW_BYTES = 1 << 16;

const count = z.int().min(0);
const path = z.string();
const fileName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\\\p{Cc}]+$/u, 'a name without slashes and control characters')
  .refine((name) => name !== '.' && name !== '..', 'a name, not a path');

/** Body of `POST /api/datasets`. */
export const createDatasetSchema = z.strictObject({
  name: datasetNameSchema.describe('uploads of the same name are versions of one dataset'),
  filename: fileName,
  bytes: z.int().min(1).max(MAX_UPLOAD_BYTES),
  contentType: z
    .string()
    .max(100)
    .regex(/^[\w.+-]+\/[\w.+-]+$/)
    .default('text/csv'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .exactOptional()
    .describe(
      'of the file, in hexadecimal digits; S3 then refuses another. Only of one that is sent in one request',
    ),
  ...hintsSchema.shape,
  parameters: parametersSchema.default({}),
  portfolioId: portfolioIdSchema.exactOptional(),
});

const isEmpty = (object: object) => Object.keys(object).length === 0;

const signedRequest = { url: z.url(), headers: z.record(z.string(), z.string()), expiresAt: time };

const uploadSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('single'), method: z.literal('PUT'), ...signedRequest }),
  z.strictObject({
    kind: z.literal('multipart'),
    partBytes: z.int().min(1).describe('of every part but the last'),
    parts: z.int().min(1).max(10_000),
    links: z.strictObject({ parts: path, complete: path, abort: path }),
  }),
]);

const versionSchema = z.strictObject({
  version: z.int().min(1),
  jobId: jobIdSchema,
  fileName: z.string(),
  bytes: count,
  createdAt: time,
});

export const datasetAnswerSchema = z
  .strictObject({
    id: datasetIdSchema,
    name: datasetNameSchema,
    portfolioId: portfolioIdSchema.nullable(),
    createdAt: time,
    updatedAt: time,
    versions: z.array(versionSchema).describe('newest first'),
    links: z.strictObject({ self: path, jobs: path, analyze: path }),
  })
  .meta({ id: 'Dataset' });

export const createdDatasetSchema = z.strictObject({
  dataset: datasetAnswerSchema,
  job: jobAnswerSchema,
  upload: uploadSchema,
});

export const listDatasetsQuery = z.strictObject({
  ...pageQuery(),
  portfolio: portfolioIdSchema.exactOptional(),
  q: z.string().trim().min(1).max(200).exactOptional().describe('part of the name, in any case'),
});
export const datasetPageSchema = pageOf(datasetAnswerSchema);

/** Body of `PATCH /api/datasets/{datasetId}`. */
export const updateDatasetSchema = z
  .strictObject({
    name: datasetNameSchema.exactOptional(),
    portfolioId: portfolioIdSchema.nullable().exactOptional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, 'name or portfolioId is required');

const partNumber = z.int().min(1).max(10_000);

/** Body of `POST /api/datasets/{datasetId}/parts`. */
export const presignPartsSchema = z
  .strictObject({ from: partNumber, to: partNumber })
  .refine(({ from, to }) => from <= to && to - from < MAX_PRESIGNED_PARTS, {
    path: ['to'],
    message: `not before from, and at most ${MAX_PRESIGNED_PARTS} parts`,
  });
export const presignedPartsSchema = z.strictObject({
  parts: z.array(z.strictObject({ partNumber, ...signedRequest })),
});

export const arrivedPartsSchema = z.strictObject({
  partBytes: z.int().min(1),
  parts: z.array(z.strictObject({ partNumber, etag: z.string(), bytes: count })),
});

/** Body of `POST /api/datasets/{datasetId}/jobs`. */
export const analyzeDatasetSchema = z
  .strictObject({
    over: z
      .enum(['version', 'history'])
      .default('version')
      .describe('one upload, or each day as the last upload has it that has the day'),
    version: z.int().min(1).exactOptional().describe('the newest unless given; of `over: version`'),
    ...hintsSchema.shape,
    parameters: parametersSchema.default({}),
  })
  .refine(({ over, parameters: _, ...aboutFiles }) => over === 'version' || isEmpty(aboutFiles), {
    message: 'over history takes nothing but parameters: the others say which file is read, and how',
  });

const { mapping, delimiter, dayFormat, currency } = hintsSchema.shape;
export const mappingSchema = mapping.unwrap();

export const previewDatasetQuery = z.strictObject({
  mapping: z
    .string()
    .max(4096)
    .exactOptional()
    .describe('columns by field, as JSON: {"impressions":"views"}'),
  delimiter,
  dayFormat,
  currency,
  bytes: z.coerce
    .number()
    .int()
    .min(1)
    .exactOptional()
    .describe('of the whole file; unless given, a body of less than 64 KB is taken for all of it'),
});

const columnName = z.string().nullable();

export const previewSchema = z
  .strictObject({
    delimiter: z.string(),
    columns: z.array(z.string()),
    mapping: z.strictObject({
      item: columnName,
      day: columnName,
      impressions: columnName,
      clicks: columnName,
      spend: columnName,
      ctr: columnName,
    }),
    currency: z.string().nullable(),
    rows: z.array(z.array(z.string())).describe('the first 20'),
    counts: z
      .strictObject({ read: count, rejected: count, reasons: z.partialRecord(z.enum(REJECT_REASONS), count) })
      .nullable()
      .describe('of the whole rows in the head; null while columns are missing'),
    rejects: z.array(
      z.strictObject({
        line: count,
        byteOffset: count.nullable(),
        column: columnName,
        reason: z.enum(REJECT_REASONS),
        text: z.string(),
      }),
    ),
    problems: z.array(
      z.strictObject({ code: z.string(), title: z.string(), detail: z.string(), remedy: z.string() }),
    ),
  })
  .meta({ id: 'Preview' });
