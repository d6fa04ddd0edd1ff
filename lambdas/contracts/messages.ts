import * as z from 'zod';
import { jobIdSchema, tenantSchema } from './job.ts';
import { requestIdSchema } from './request.ts';

// While a new version is deployed, its messages meet workers of the old one, and the other way round. So what is added
// is optional, and what is not known is left out instead of refused.
const job = {
  tenant: tenantSchema,
  jobId: jobIdSchema,
  requestId: requestIdSchema.exactOptional(),
};
const run = { ...job, run: z.int().min(1) };

const planMessageSchema = z.object({ type: z.literal('plan'), ...run });

/** Confirms a cancellation once the job is CANCELLING. */
const cancelMessageSchema = z.object({ type: z.literal('cancel'), ...job });

const scanMessageSchema = z.object({
  type: z.literal('scan'),
  ...run,
  round: z.int().min(0),
  chunk: z.int().min(0),
  /** Where the first record of the chunk starts, when that is known. */
  first: z.int().min(0).nullable(),
});

const analyseMessageSchema = z.object({
  type: z.literal('analyse'),
  ...run,
  shard: z.int().min(0),
});

const reportMessageSchema = z.object({ type: z.literal('report'), ...run });

/** Everything that the pipeline sends to itself. Messages name work; what the work is stands in the job. */
export const workMessageSchema = z.discriminatedUnion('type', [
  planMessageSchema,
  cancelMessageSchema,
  scanMessageSchema,
  analyseMessageSchema,
  reportMessageSchema,
]);

/** The part of an EventBridge event "Object Created" that the pipeline reads. */
const objectCreatedSchema = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.literal('Object Created'),
  time: z.iso.datetime(),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      size: z.int().min(0),
      etag: z.string(),
      'version-id': z.string().optional(),
    }),
  }),
});

export type PlanMessage = z.infer<typeof planMessageSchema>;
export type ScanMessage = z.infer<typeof scanMessageSchema>;
export type AnalyseMessage = z.infer<typeof analyseMessageSchema>;
export type ReportMessage = z.infer<typeof reportMessageSchema>;
export type WorkMessage = z.infer<typeof workMessageSchema>;

/** An object arrived under `uploads/`. */
export interface UploadedMessage {
  readonly type: 'uploaded';
  readonly key: string;
  readonly versionId: string | null;
  readonly etag: string;
  readonly bytes: number;
  /** When, as milliseconds since the epoch. */
  readonly at: number;
}

export type QueueMessage = WorkMessage | UploadedMessage;

/** The queue that each type of message travels in. */
export const QUEUE_OF = {
  plan: 'analysis',
  cancel: 'analysis',
  scan: 'signature',
  analyse: 'signature',
  report: 'report',
} as const satisfies Record<WorkMessage['type'], string>;

export type QueueName = (typeof QUEUE_OF)[WorkMessage['type']];

/**
 * Reads the body of a queue message: one of ours, or an EventBridge event about an upload.
 *
 * @throws SyntaxError or ZodError when it is neither; such a message never becomes right by being tried again
 */
export function parseMessage(body: string): QueueMessage {
  const content: unknown = JSON.parse(body);
  const uploaded = objectCreatedSchema.safeParse(content);
  if (!uploaded.success) return workMessageSchema.parse(content);
  const { time, detail } = uploaded.data;
  return {
    type: 'uploaded',
    key: detail.object.key,
    versionId: detail.object['version-id'] ?? null,
    etag: detail.object.etag,
    bytes: detail.object.size,
    at: Date.parse(time),
  };
}
