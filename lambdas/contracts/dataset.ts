import * as z from 'zod';
import { jobIdSchema, tenantSchema } from './job.ts';

const time = z.iso.datetime({ precision: 3 });

/** `ds_` and a ULID. */
const DATASET_ID_PATTERN = /^ds_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const PORTFOLIO_ID_PATTERN = /^pf_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
/** Uploads of a dataset that are remembered; older ones stay where they are, but have to be named by key. */
export const MAX_VERSIONS = 100;
/** Analyses over its history that are remembered: as many as may well be of other parameters, or have failed. */
export const MAX_HISTORY_JOBS = 10;

export const datasetIdSchema = z.string().regex(DATASET_ID_PATTERN);
export const datasetNameSchema = z.string().trim().min(1).max(200);
export const portfolioIdSchema = z.string().regex(PORTFOLIO_ID_PATTERN);

/** How an upload of several parts is sent; null where it is one request. */
const multipartSchema = z.strictObject({
  uploadId: z.string(),
  partBytes: z.int().min(1),
  parts: z.int().min(1),
});

const versionSchema = z.strictObject({
  /** From 1, one for each upload. */
  version: z.int().min(1),
  /** The job that was announced with the upload, and the key it is sent to. */
  jobId: jobIdSchema,
  key: z.string().min(1).max(1024),
  fileName: z.string(),
  bytes: z.int().min(0),
  createdAt: time,
  multipart: multipartSchema.nullable(),
});

/** A dataset as it is stored: one record, replaced as a whole on the condition that `revision` has not changed. */
export const datasetSchema = z.strictObject({
  id: datasetIdSchema,
  tenant: tenantSchema,
  revision: z.int().min(1),
  name: datasetNameSchema,
  portfolioId: portfolioIdSchema.nullable(),
  createdAt: time,
  updatedAt: time,
  /** Oldest first. */
  versions: z.array(versionSchema).min(1).max(MAX_VERSIONS),
  /** The last analyses over its history, the newest last: their results are used again where nothing changed. */
  historyJobs: z.array(jobIdSchema).max(MAX_HISTORY_JOBS).exactOptional(),
});

export type Dataset = Readonly<z.infer<typeof datasetSchema>>;
export type DatasetVersion = z.infer<typeof versionSchema>;

/** Names a dataset. */
export interface DatasetRef {
  readonly tenant: string;
  readonly datasetId: string;
}
