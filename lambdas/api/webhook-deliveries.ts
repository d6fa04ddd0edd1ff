import { type DeliveryAnswer, listDeliveriesQuery } from '../contracts/api/webhooks.ts';
import { type Delivery, deliveryIdSchema, messageOf } from '../contracts/webhook.ts';
import { TEST_EVENT } from '../domain/webhooks/events.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseQuery } from '../http/input.ts';
import { pageResponse, positionOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import { announceTo } from '../pipeline/webhooks/announce.ts';
import { findWebhook, type WebhookServices } from './webhooks.ts';

/** Tries to send a delivery again that is being worked on. */
const TRIES = 5;

/** Sends an event of the type `test`, also to a webhook that is disabled: 202 with its delivery. It is tried once. */
export async function testWebhook(services: WebhookServices, request: ApiRequest): Promise<ApiResponse> {
  const webhook = await findWebhook(services, request);
  const at = new Date(services.clock.now()).toISOString();
  const data = { webhookId: webhook.id };
  const work = { requestId: request.requestId };
  const event = { id: request.requestId, type: TEST_EVENT, at, data, work } as const;
  return { status: 202, body: answerOf(await announceTo(services, webhook, event)) };
}

/** What was sent to a webhook in the last 30 days, newest first, with every attempt. */
export async function listDeliveries(services: WebhookServices, request: ApiRequest): Promise<ApiResponse> {
  const { limit } = parseQuery(listDeliveriesQuery, request);
  const [after] = positionOf(request) ?? [];
  const before = typeof after === 'string' ? after : null;
  const { tenant, id } = await findWebhook(services, request);
  const found = await services.webhooks.listDeliveries(tenant, id, { before, limit: limit + 1 });
  const data = found.slice(0, limit).map(answerOf);
  const last = data.at(-1);
  const next = found.length > limit && last !== undefined ? [last.id] : null;
  return pageResponse(request, { data, next, total: null });
}

/** Sends an event again, under the same id and from the start of its schedule; one on its way goes on as it was. */
export async function redeliver(services: WebhookServices, request: ApiRequest): Promise<ApiResponse> {
  const webhook = await findWebhook(services, request);
  if (webhook.disabled !== null) {
    const remedy = 'Enable it with PATCH {"enabled": true} first.';
    throw new Problem('invalid_request', 'The webhook is disabled.', { remedy });
  }
  for (let tries = 1; tries <= TRIES; tries++) {
    const delivery = await findDelivery(services, request, webhook);
    if (delivery.state === 'pending') return { status: 202, body: answerOf(delivery) };
    const again = restarted(delivery, services.clock.now());
    if ((await services.webhooks.replaceDelivery(again)) === 'conflict') continue;
    await services.deliveries.send(messageOf(again), 0);
    return { status: 202, body: answerOf(again) };
  }
  throw new Problem('unavailable', 'The delivery is being worked on at this moment.');
}

/** @throws Problem `not_found` */
async function findDelivery(
  { webhooks }: WebhookServices,
  request: ApiRequest,
  { tenant, id: webhookId }: { readonly tenant: string; readonly id: string },
): Promise<Delivery> {
  const { success, data: deliveryId } = deliveryIdSchema.safeParse(request.parameters['deliveryId']);
  const delivery = success ? await webhooks.getDelivery({ tenant, webhookId, deliveryId }) : null;
  if (delivery === null)
    throw new Problem('not_found', 'There is no delivery of this id, or it is no longer kept.');
  return delivery;
}

function restarted(delivery: Delivery, now: number): Delivery {
  const since = new Date(now).toISOString();
  const { revision } = delivery;
  return { ...delivery, revision: revision + 1, state: 'pending', since, made: 0, nextAttemptAt: since };
}

function answerOf({ id, type, state, createdAt, nextAttemptAt, attempts }: Delivery): DeliveryAnswer {
  return { id, type, state, createdAt, nextAttemptAt, attempts };
}
