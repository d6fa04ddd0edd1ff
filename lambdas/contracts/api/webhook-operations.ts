import type { OperationContract } from './operation.ts';
import {
  createWebhookSchema,
  deliveryAnswerSchema,
  deliveryPageSchema,
  listDeliveriesQuery,
  listWebhooksQuery,
  updateWebhookSchema,
  webhookAnswerSchema,
  webhookPageSchema,
  webhookSecretSchema,
} from './webhooks.ts';

/** What the operations about webhooks take and give. */
export const WEBHOOK_OPERATIONS = {
  listWebhooks: {
    query: listWebhooksQuery,
    answers: { 200: { description: 'A page of webhooks', schema: webhookPageSchema } },
    problems: ['invalid_request', 'invalid_cursor'],
  },
  createWebhook: {
    body: { schema: createWebhookSchema },
    answers: { 201: { description: 'The webhook with its secret', schema: webhookSecretSchema } },
    problems: ['invalid_request'],
  },
  updateWebhook: {
    body: { schema: updateWebhookSchema },
    answers: { 200: { description: 'The webhook as it now is', schema: webhookAnswerSchema } },
    problems: ['invalid_request', 'not_found', 'unavailable'],
  },
  deleteWebhook: {
    answers: { 204: { description: 'It is deleted', schema: null } },
    problems: ['not_found'],
  },
  testWebhook: {
    answers: { 202: { description: 'The delivery of the event', schema: deliveryAnswerSchema } },
    problems: ['not_found'],
  },
  rotateSecret: {
    answers: { 200: { description: 'The webhook with its new secret', schema: webhookSecretSchema } },
    problems: ['not_found', 'unavailable'],
  },
  listDeliveries: {
    query: listDeliveriesQuery,
    answers: { 200: { description: 'A page of deliveries', schema: deliveryPageSchema } },
    problems: ['invalid_request', 'invalid_cursor', 'not_found'],
  },
  redeliver: {
    answers: { 202: { description: 'The delivery, on its way again', schema: deliveryAnswerSchema } },
    problems: ['invalid_request', 'not_found', 'unavailable'],
  },
} as const satisfies Readonly<Record<string, OperationContract>>;
