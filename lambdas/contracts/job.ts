import * as z from 'zod';
import { DELIMITERS } from '../domain/csv/dialect.ts';
import { ANALYSIS_ERROR_CODES } from '../domain/errors.ts';
import { isFinal, JOB_STATES } from '../domain/job/states.ts';
import { FIELDS } from '../domain/observation/columns.ts';
import { DAY_FORMATS } from '../domain/observation/day.ts';
import { FATIGUE_STATUSES } from '../domain/report/document.ts';
import { JOB_ID_PATTERN, TENANT_PATTERN } from './object-keys.ts';
import { parametersSchema } from './parameters.ts';
import { requestIdSchema } from './request.ts';

const offset = z.int().min(0);
const count = z.int().min(0);
const time = z.iso.datetime({ precision: 3 });

export const tenantSchema = z.string().regex(TENANT_PATTERN);
export const jobIdSchema = z.string().regex(JOB_ID_PATTERN);

/** What a caller may say about how a file is to be read (analysis spec §1). */
export const hintsSchema = z.strictObject({
  mapping: z.partialRecord(z.enum(FIELDS), z.string().min(1).max(512)).exactOptional(),
  delimiter: z.enum(DELIMITERS).exactOptional(),
  dayFormat: z.enum(DAY_FORMATS).exactOptional(),
  currency: z.string().length(3).exactOptional(),
});

/** The object that a job reads. Once pinned it is one version of it, whatever is uploaded later. */
const sourceSchema = z.strictObject({
  key: z.string().min(1).max(1024),
  /** Null until the object is known, or where the bucket keeps no versions. */
  versionId: z.string().nullable(),
  etag: z.string().nullable(),
  bytes: count.nullable(),
});

const columnsSchema = z.strictObject({
  names: z.array(z.string()),
  index: z.record(z.enum(FIELDS), z.int().min(-1)),
  currency: z.string(),
});

const csvPlanSchema = z.strictObject({
  delimiter: z.enum(DELIMITERS),
  columns: columnsSchema,
  dayFormat: z.enum(DAY_FORMATS).nullable(),
  dataStart: offset,
  dataLine: z.int().min(1),
});

/** How the input is cut. `stream` is read from start to end by one worker; `ranges` is scanned in parallel. */
const planSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('stream'), bytes: count, shards: z.int().min(1) }),
  z.strictObject({
    kind: z.literal('ranges'),
    bytes: count,
    shards: z.int().min(1),
    chunkBytes: z.int().min(1),
    chunks: z.int().min(1),
    csv: csvPlanSchema,
  }),
]);

/**
 * Which messages are on their way, and whether all of them were sent. It outlives failures, so that a redrive goes on
 * where the job stopped.
 */
const phaseSchema = z.discriminatedUnion('name', [
  // The whole job in one run of one worker.
  z.strictObject({ name: z.literal('inline') }),
  // Round 0 scans every range; each later round scans again those whose first record had been guessed wrong.
  z.strictObject({ name: z.literal('scan'), round: count, tasks: count, dispatched: z.boolean() }),
  z.strictObject({ name: z.literal('analyse'), dispatched: z.boolean() }),
  z.strictObject({ name: z.literal('report'), dispatched: z.boolean() }),
]);

const jobErrorSchema = z.strictObject({
  code: z.enum(ANALYSIS_ERROR_CODES),
  message: z.string(),
  remedy: z.string().nullable(),
  /** Whether the same input can succeed: a redrive then goes on, otherwise it starts over with the newest upload. */
  resumable: z.boolean(),
  /** Whether the failure alert was sent. */
  announced: z.boolean(),
});

const totalsSchema = z.strictObject({
  items: count,
  analysed: count,
  excluded: count,
  impressions: z.number(),
  clicks: z.number(),
  spend: z.number().nullable(),
  actualOverspend: z.number().nullable(),
  engagementGapClicks: z.number().nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
});

/** A job as it is stored: one record, replaced as a whole on the condition that `revision` has not changed. */
export const jobSchema = z.strictObject({
  id: jobIdSchema,
  tenant: tenantSchema,
  revision: z.int().min(1),
  run: z.int().min(1),
  state: z.enum(JOB_STATES),
  /** How it came: announced through the API, put into the bucket, or the body of a request. */
  origin: z.enum(['upload', 's3', 'request']),
  /** The request that made it; of a file put into the bucket an id that is the same for the same event. */
  requestId: requestIdSchema.exactOptional(),
  dataset: z.strictObject({
    id: z.string(),
    name: z.string(),
    /** Which upload of the dataset it is; files put there by hand have none. */
    version: z.int().min(1).exactOptional(),
  }),
  /**
   * What it has to do with the history of its dataset: the first analysis of an upload `adds` its days, an analysis
   * over the history `covers` it. Absent where it has nothing to do with it.
   */
  history: z.enum(['adds', 'covers']).exactOptional(),
  /** An earlier job whose results hold for the items that did not change since. */
  reuses: z.strictObject({ jobId: jobIdSchema, run: z.int().min(1), shards: z.int().min(1) }).exactOptional(),
  source: sourceSchema,
  /** Version or etag of the upload that started it, by which a second event about it is known; null until it came. */
  startedBy: z.string().nullable(),
  hints: hintsSchema,
  parameters: parametersSchema,
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  /** When the record was last written: what the sweeper goes by. */
  touchedAt: time,
  waitingFor: z.enum(['worker', 'tenant_limit']).nullable(),
  /** When a job over its tenant's limit tries again. */
  waitingUntil: time.nullable(),
  plan: planSchema.nullable(),
  phase: phaseSchema.nullable(),
  /** What the sweeper saw last: tasks done then, and how often it sent messages again since something moved. */
  sweep: z.strictObject({ tasksDone: count, resends: count }),
  rows: z.strictObject({ read: count, rejected: count }).nullable(),
  totals: totalsSchema.nullable(),
  /** The analysed creatives by status; absent until the job has succeeded. */
  statuses: z.record(z.enum(FATIGUE_STATUSES), count).exactOptional(),
  /** Whether the results can be searched; absent until the job has succeeded. */
  stored: z.boolean().exactOptional(),
  /** Whether webhooks were told how it ended; absent until it has, and where nobody is to be told. */
  announced: z.boolean().exactOptional(),
  /** Whether its days are in the history of its dataset; absent until it has succeeded, and where they never will be. */
  joined: z.boolean().exactOptional(),
  /** When its dataset was deleted, and its results with it. */
  deletedAt: time.exactOptional(),
  error: jobErrorSchema.nullable(),
  /** When reports and the record itself may be deleted. */
  resultExpiresAt: time.nullable(),
});

/** One line of a job's timeline. Writing the same event twice leaves one. */
export const jobEventSchema = z.strictObject({
  /** Unique within a job and a time. */
  id: z.string(),
  at: time,
  kind: z.enum(['state', 'waiting', 'rescan', 'attempt_failed', 'given_up', 'resent', 'redriven']),
  state: z.enum(JOB_STATES),
  message: z.string(),
  /** The task, such as `scan 11`, and which attempt at it; null when it is not about one. */
  task: z.string().nullable(),
  attempt: z.int().min(1).nullable(),
});

export type Job = Readonly<z.infer<typeof jobSchema>>;
export type JobPlan = z.infer<typeof planSchema>;
export type JobPhase = z.infer<typeof phaseSchema>;
export type JobEvent = Readonly<z.infer<typeof jobEventSchema>>;
export type JobSource = z.infer<typeof sourceSchema>;
export type Hints = z.infer<typeof hintsSchema>;

/** Names a job. */
export interface JobRef {
  readonly tenant: string;
  readonly jobId: string;
}

/**
 * What the sweeper looks after: uploads that may never come, stranded work, ends that webhooks were not told of, failures
 * that people were not, results not loaded, uploads that have not joined the history of their dataset.
 */
export type Watch = 'upload' | 'work' | 'event' | 'alert' | 'result' | 'history';

/** Under which heading the sweeper has to find a job: one at a time of what is open; null when nothing is. */
export function watchOf({
  state,
  error,
  stored,
  announced,
  joined,
}: Pick<Job, 'state' | 'error' | 'stored' | 'announced' | 'joined'>): Watch | null {
  if (state === 'AWAITING_UPLOAD') return 'upload';
  if (!isFinal(state)) return 'work';
  if (announced === false) return 'event';
  if (stored === false) return 'result';
  if (joined === false) return 'history';
  return state === 'FAILED' && error?.announced === false ? 'alert' : null;
}
