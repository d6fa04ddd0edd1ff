import { type Delivery, type DeliveryWork, messageOf, type Webhook } from '../../contracts/webhook.ts';
import { idOf } from '../../domain/job/job-id.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeliveryQueue } from '../../ports/delivery-queue.ts';
import type { WebhookStore } from '../../ports/webhook-store.ts';

export interface AnnounceContext {
  readonly webhooks: Pick<WebhookStore, 'list' | 'addDelivery'>;
  readonly deliveries: DeliveryQueue;
  readonly clock: Clock;
}

/** Something that happened, once. */
export interface WebhookEvent {
  /** Names the event: announced twice, it is sent once. */
  readonly id: string;
  readonly type: Delivery['type'];
  /** When, RFC 3339 with milliseconds. */
  readonly at: string;
  /** What receivers are told of it, thin: ids and counts. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What its deliveries are found by in logs. */
  readonly work?: DeliveryWork;
}

/** Puts an event on its way to the webhooks of a tenant that want to know. @returns how many those are */
export async function announce(
  context: AnnounceContext,
  tenant: string,
  event: WebhookEvent,
): Promise<number> {
  const all = await context.webhooks.list(tenant);
  const wanting = all.filter(
    ({ disabled, events }) => disabled === null && events.some((type) => type === event.type),
  );
  await Promise.all(wanting.map((webhook) => announceTo(context, webhook, event)));
  return wanting.length;
}

/** Puts an event on its way to one webhook, whatever that is for. */
export async function announceTo(
  { webhooks, deliveries, clock }: AnnounceContext,
  { tenant, id: webhookId }: Webhook,
  { id, type, at, data, work }: WebhookEvent,
): Promise<Delivery> {
  const now = new Date(clock.now()).toISOString();
  const delivery: Delivery = {
    ...work,
    id: idOf('whd', Date.parse(at), `${id}/${webhookId}`),
    tenant,
    webhookId,
    revision: 1,
    type,
    body: JSON.stringify({ type, timestamp: at, data }),
    state: 'pending',
    createdAt: now,
    since: now,
    made: 0,
    nextAttemptAt: now,
    attempts: [],
  };
  await webhooks.addDelivery(delivery);
  // Also when it was there: whoever added it may have come no further.
  await deliveries.send(messageOf(delivery), 0);
  return delivery;
}
