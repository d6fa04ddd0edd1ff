import { METRICS } from '../../contracts/metric-names.ts';
import {
  type DeliverMessage,
  type Delivery,
  KEPT_ATTEMPTS,
  type Webhook,
  type WebhookAttempt,
} from '../../contracts/webhook.ts';
import { nextAttemptAt } from '../../domain/webhooks/schedule.ts';
import { signedHeaders } from '../../domain/webhooks/signature.ts';
import type { Clock } from '../../ports/clock.ts';
import { type DeliveryQueue, MAX_DELAY_SECONDS } from '../../ports/delivery-queue.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { WebhookAnswer, WebhookSender } from '../../ports/webhook-sender.ts';
import type { WebhookStore } from '../../ports/webhook-store.ts';

export interface DeliverContext {
  readonly webhooks: WebhookStore;
  readonly deliveries: DeliveryQueue;
  readonly sender: WebhookSender;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'count'>;
}

/** `stale`: there is nothing to send any more; `waiting`: it comes again by itself. */
export type DeliverOutcome = 'delivered' | 'failed' | 'waiting' | 'stale';

/** Receivers that are told apart by name in their logs. */
const HEADERS = { 'content-type': 'application/json', 'user-agent': 'CreativeDynamics-Webhooks/1' };
/** The receiver wants nothing any more, for good. */
const GONE = 410;
/** Tries to disable a webhook that somebody else is changing. */
const TRIES = 5;

/**
 * Makes the attempt that a message of the queue is for, or waits on where it is early. An attempt may be made twice when
 * a message is delivered twice: receivers know it by its id.
 */
export async function deliver(context: DeliverContext, message: DeliverMessage): Promise<DeliverOutcome> {
  const { webhooks, clock, metrics } = context;
  const [delivery, webhook] = await Promise.all([
    webhooks.getDelivery(message),
    webhooks.get(message.tenant, message.webhookId),
  ]);
  if (delivery === null || webhook === null) metrics.count(METRICS.webhookDeliveriesDropped);
  if (delivery === null || delivery.nextAttemptAt === null) return 'stale';
  // At once: nothing that is waited for would bring a webhook back that is gone.
  if (webhook === null) return end(context, delivery);
  if (Date.parse(delivery.nextAttemptAt) > clock.now())
    return waitFor(context, message, delivery.nextAttemptAt);
  if (webhook.disabled !== null && delivery.type !== 'test') return end(context, delivery);
  return attempt(context, message, delivery, webhook);
}

/** Nothing more is sent of a delivery, though it did not get through. */
async function end({ webhooks }: DeliverContext, delivery: Delivery): Promise<'stale'> {
  const revision = delivery.revision + 1;
  await webhooks.replaceDelivery({ ...delivery, revision, state: 'failed', nextAttemptAt: null });
  return 'stale';
}

async function attempt(
  context: DeliverContext,
  message: DeliverMessage,
  delivery: Delivery,
  webhook: Webhook,
): Promise<DeliverOutcome> {
  const { webhooks, sender, clock, metrics } = context;
  const at = clock.now();
  const signed = signedHeaders(
    { id: delivery.id, timestamp: Math.floor(at / 1000), body: delivery.body },
    secretsOf(webhook, at),
  );
  const answer = await sender.send({
    url: webhook.url,
    headers: { ...HEADERS, ...signed },
    body: delivery.body,
  });
  const after = afterAttempt(delivery, answer, at, clock.now());
  // Before the delivery is over: after a crash in between, the message comes again and finds what is left to do.
  if (after.state === 'failed' && delivery.type !== 'test')
    await disable(context, webhook, statusOf(answer) === GONE ? 'gone' : 'failing');
  if ((await webhooks.replaceDelivery(after)) === 'conflict') return 'stale';
  if (after.state === 'succeeded') {
    metrics.count(METRICS.webhooksDelivered);
    return 'delivered';
  }
  metrics.count(METRICS.webhookAttemptsFailed);
  return after.nextAttemptAt === null ? 'failed' : waitFor(context, message, after.nextAttemptAt);
}

/** A delivery once an attempt was made. @param at when it began, and `now` when it was over */
function afterAttempt(delivery: Delivery, answer: WebhookAnswer, at: number, now: number): Delivery {
  const status = statusOf(answer);
  const made = delivery.made + 1;
  const attempts = [...delivery.attempts, attemptOf(answer, at, now)].slice(-KEPT_ATTEMPTS);
  const next = { ...delivery, revision: delivery.revision + 1, made, attempts };
  if (status !== null && status >= 200 && status < 300)
    return { ...next, state: 'succeeded', nextAttemptAt: null };
  // A person who tries a webhook out looks at the answer now.
  const isOver = status === GONE || delivery.type === 'test';
  const retryAfterSeconds = 'status' in answer ? answer.retryAfterSeconds : null;
  const failed = { id: delivery.id, since: Date.parse(delivery.since), made, retryAfterSeconds };
  const again = isOver ? null : nextAttemptAt(failed, now);
  if (again === null) return { ...next, state: 'failed', nextAttemptAt: null };
  return { ...next, nextAttemptAt: new Date(again).toISOString() };
}

function attemptOf(answer: WebhookAnswer, at: number, now: number): WebhookAttempt {
  const known = { at: new Date(at).toISOString(), milliseconds: Math.max(0, now - at) };
  if ('error' in answer) return { ...known, status: null, answer: '', error: answer.error };
  return { ...known, status: answer.status, answer: answer.answer, error: null };
}

function statusOf(answer: WebhookAnswer): number | null {
  return 'status' in answer ? answer.status : null;
}

/** The secret, and for a day after it was changed the one before. */
function secretsOf({ secret, previous }: Webhook, now: number): string[] {
  return previous !== null && now < Date.parse(previous.until) ? [secret, previous.secret] : [secret];
}

/** Sends the message again for when the attempt is due, or as late as the queue allows. */
async function waitFor(
  { deliveries, clock }: DeliverContext,
  message: DeliverMessage,
  time: string,
): Promise<DeliverOutcome> {
  const seconds = Math.ceil((Date.parse(time) - clock.now()) / 1000);
  await deliveries.send(message, Math.min(MAX_DELAY_SECONDS, Math.max(0, seconds)));
  return 'waiting';
}

/** Sends nothing to a webhook any more until its tenant wants it to. */
async function disable(
  { webhooks, clock, metrics }: DeliverContext,
  { tenant, id, url }: Webhook,
  reason: 'gone' | 'failing',
): Promise<void> {
  const at = new Date(clock.now()).toISOString();
  for (let tries = 1; tries <= TRIES; tries++) {
    const current = await webhooks.get(tenant, id);
    // Whoever gave it another address since has to do with what failed no more.
    if (current === null || current.disabled !== null || current.url !== url) return;
    const disabled = { ...current, revision: current.revision + 1, disabled: { reason, at } };
    if ((await webhooks.replace(disabled)) === 'conflict') continue;
    metrics.count(METRICS.webhooksDisabled);
    return;
  }
  throw new Error(`The webhook ${id} changed ${TRIES} times while it was being disabled.`);
}
