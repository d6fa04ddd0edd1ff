import * as z from 'zod';
import { EVENT_TYPES, TEST_EVENT } from '../domain/webhooks/events.ts';
import { JOB_ID_PATTERN, TENANT_PATTERN } from './object-keys.ts';
import { requestIdSchema } from './request.ts';

const time = z.iso.datetime({ precision: 3 });
const revision = z.int().min(1);
const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

export const webhookIdSchema = z.string().regex(new RegExp(`^wh_${ulid}$`));
export const deliveryIdSchema = z.string().regex(new RegExp(`^whd_${ulid}$`));
const tenant = z.string().regex(TENANT_PATTERN);

/** Days that deliveries are kept. */
export const DELIVERY_DAYS = 30;
/** Attempts that a delivery remembers, the newest. */
export const KEPT_ATTEMPTS = 20;

/** A webhook as it is stored, replaced as a whole on the condition that `revision` has not changed. */
export const webhookSchema = z.strictObject({
  id: webhookIdSchema,
  tenant,
  revision,
  url: z.string().max(2048),
  description: z.string().max(200),
  events: z.array(z.enum(EVENT_TYPES)).min(1),
  secret: z.string(),
  /** The secret before, which messages are signed with too until then. */
  previous: z.strictObject({ secret: z.string(), until: time }).nullable(),
  createdAt: time,
  /** Why nothing is sent: the tenant wants it so, the receiver is gone for good, or did not take an event for a day. */
  disabled: z.strictObject({ reason: z.enum(['request', 'gone', 'failing']), at: time }).nullable(),
});

/** One attempt to deliver an event. */
export const attemptSchema = z.strictObject({
  at: time,
  milliseconds: z.int().min(0),
  /** HTTP status; null when there was no answer. */
  status: z.int().nullable(),
  /** First kilobyte of the answer. */
  answer: z.string(),
  /** Why there was no answer. */
  error: z.string().nullable(),
});

/** The work that an event is about, which the lines of its deliveries name. */
const workSchema = z.object({
  jobId: z.string().regex(JOB_ID_PATTERN).exactOptional(),
  requestId: requestIdSchema.exactOptional(),
});

/** An event on its way to a webhook. */
export const deliverySchema = z.strictObject({
  ...workSchema.shape,
  id: deliveryIdSchema,
  tenant,
  webhookId: webhookIdSchema,
  revision,
  type: z.enum([...EVENT_TYPES, TEST_EVENT]),
  /** What is sent, byte for byte, in every attempt. */
  body: z.string(),
  state: z.enum(['pending', 'succeeded', 'failed']),
  createdAt: time,
  /** When it was sent for the first time, or again on request: what the schedule counts from. */
  since: time,
  /** Attempts since then. */
  made: z.int().min(0),
  nextAttemptAt: time.nullable(),
  attempts: z.array(attemptSchema).max(KEPT_ATTEMPTS),
});

/** What travels in the queue of deliveries. Like all messages it may be of another version: what is not known is left out. */
export const deliverMessageSchema = z.object({
  ...workSchema.shape,
  tenant,
  webhookId: webhookIdSchema,
  deliveryId: deliveryIdSchema,
});

export type Webhook = Readonly<z.infer<typeof webhookSchema>>;
export type WebhookAttempt = Readonly<z.infer<typeof attemptSchema>>;
export type Delivery = Readonly<z.infer<typeof deliverySchema>>;
export type DeliveryWork = Readonly<z.infer<typeof workSchema>>;
export type DeliverMessage = Readonly<z.infer<typeof deliverMessageSchema>>;

/** The message about a delivery. */
export function messageOf({ tenant, webhookId, id, jobId, requestId }: Delivery): DeliverMessage {
  return {
    tenant,
    webhookId,
    deliveryId: id,
    ...(jobId !== undefined && { jobId }),
    ...(requestId !== undefined && { requestId }),
  };
}
