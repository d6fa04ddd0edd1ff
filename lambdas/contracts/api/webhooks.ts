import * as z from 'zod';
import { EVENT_TYPES } from '../../domain/webhooks/events.ts';
import { problemOfTarget } from '../../domain/webhooks/target.ts';
import { attemptSchema, deliverySchema, webhookSchema } from '../webhook.ts';
import { pageOf, pageQuery, time } from './common.ts';

/** Webhooks of a tenant, at most. */
export const MAX_WEBHOOKS = 20;

const url = z
  .string()
  .trim()
  .check(({ value, issues }) => {
    const problem = problemOfTarget(value);
    if (problem !== null) issues.push({ code: 'custom', message: problem, input: value });
  })
  .describe('where to, over HTTPS, on the public Internet');
const events = z.array(z.enum(EVENT_TYPES)).min(1).max(EVENT_TYPES.length).describe('what to be told');
const description = z.string().trim().max(200);

/** Body of `POST /api/webhooks`. */
export const createWebhookSchema = z.strictObject({
  url,
  events: events.default([...EVENT_TYPES]),
  description: description.default(''),
});

/** Body of `PATCH /api/webhooks/{webhookId}`: what is to change. */
export const updateWebhookSchema = z.strictObject({
  url: url.exactOptional(),
  events: events.exactOptional(),
  description: description.exactOptional(),
  enabled: z.boolean().exactOptional().describe('whether anything is sent'),
});

export const webhookAnswerSchema = z
  .strictObject({
    id: webhookSchema.shape.id,
    url: webhookSchema.shape.url,
    description: webhookSchema.shape.description,
    events,
    createdAt: time,
    enabled: z.boolean(),
    disabled: webhookSchema.shape.disabled.describe('why nothing is sent'),
    previousSecretUntil: time
      .nullable()
      .describe('messages are signed with the secret before, too, until then'),
  })
  .meta({ id: 'Webhook' });

/** With the secret, in the answer that makes it and in no other. */
export const webhookSecretSchema = z
  .strictObject({
    ...webhookAnswerSchema.shape,
    secret: z.string().nullable().describe('this once; null in the answer to a repeated request'),
  })
  .meta({ id: 'WebhookWithSecret' });

export const deliveryAnswerSchema = z
  .strictObject({
    id: deliverySchema.shape.id.describe('sent as webhook-id, the same in every attempt'),
    type: deliverySchema.shape.type,
    state: deliverySchema.shape.state,
    createdAt: time,
    nextAttemptAt: time.nullable(),
    attempts: z.array(attemptSchema).describe('oldest first, the last 20'),
  })
  .meta({ id: 'Delivery' });

export const listWebhooksQuery = z.strictObject(pageQuery());
export const listDeliveriesQuery = z.strictObject(pageQuery());
export const webhookPageSchema = pageOf(webhookAnswerSchema);
export const deliveryPageSchema = pageOf(deliveryAnswerSchema);

export type WebhookAnswerBody = z.infer<typeof webhookAnswerSchema>;
export type DeliveryAnswer = z.infer<typeof deliveryAnswerSchema>;
