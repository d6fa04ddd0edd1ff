import { beforeEach, describe, expect, it } from 'vitest';
import type { DeliverMessage, Webhook } from '../../lambdas/contracts/webhook.ts';
import { signedHeaders } from '../../lambdas/domain/webhooks/signature.ts';
import { announce, type WebhookEvent } from '../../lambdas/pipeline/webhooks/announce.ts';
import { deliver } from '../../lambdas/pipeline/webhooks/deliver.ts';
import type { WebhookAnswer } from '../../lambdas/ports/webhook-sender.ts';
import { buildWebhook, iso, START, setUpWebhooks } from './webhooks.ts';

const DAY = 24 * 3600_000;
const { world, context, metrics } = await setUpWebhooks();
const EVENT: WebhookEvent = {
  id: 'job_1/1/job.succeeded',
  type: 'job.succeeded',
  at: iso(START - 500),
  data: { jobId: 'job_1', counts: { fatigued: 3 } },
};
const OK: WebhookAnswer = { status: 200, answer: 'ok', retryAfterSeconds: null };
const DOWN: WebhookAnswer = { status: 503, answer: 'busy', retryAfterSeconds: null };

beforeEach(() => {
  world.now = START;
  world.queue = [];
  world.sent = [];
  world.answer = () => OK;
  metrics.counts.clear();
});

async function announced(
  changes: Partial<Webhook> = {},
): Promise<{ webhook: Webhook; message: DeliverMessage }> {
  const webhook = buildWebhook(changes);
  await context.webhooks.create(webhook);
  await announce(context, webhook.tenant, EVENT);
  const [first] = world.queue.splice(0);
  if (first === undefined) throw new Error('Nothing was announced.');
  return { webhook, message: first.message };
}

/** Works the queue off until it is empty, in the order messages come out. @returns when attempts were made */
async function run(): Promise<number[]> {
  const times: number[] = [];
  while (world.queue.length > 0) {
    world.queue.sort((a, b) => a.at - b.at);
    const next = world.queue.shift();
    if (next === undefined) break;
    world.now = Math.max(world.now, next.at);
    const before = world.sent.length;
    await deliver(context, next.message);
    if (world.sent.length > before) times.push(world.now - START);
  }
  return times;
}

describe('announcing', () => {
  it('reaches the webhooks of the tenant that want to know, each with a message of its own', async () => {
    const { tenant, ...wanting } = buildWebhook();
    const others = [
      buildWebhook({ tenant, events: ['job.failed'] }),
      buildWebhook({ tenant, disabled: { reason: 'gone', at: iso(START) } }),
      buildWebhook(),
    ];
    const second = buildWebhook({ tenant, events: ['job.failed', 'job.succeeded'] });
    for (const webhook of [{ ...wanting, tenant }, second, ...others]) await context.webhooks.create(webhook);
    expect(await announce(context, tenant, EVENT)).toBe(2);
    expect(world.queue.map(({ message }) => message.webhookId).sort()).toEqual(
      [wanting.id, second.id].sort(),
    );
    expect(new Set(world.queue.map(({ message }) => message.deliveryId)).size).toBe(2);
  });

  it('twice is one delivery', async () => {
    const { webhook, message } = await announced();
    await announce(context, webhook.tenant, EVENT);
    const found = await context.webhooks.listDeliveries(webhook.tenant, webhook.id, {
      before: null,
      limit: 10,
    });
    expect(found.map(({ id }) => id)).toEqual([message.deliveryId]);
    world.queue.push({ message, at: START });
    expect(await run()).toEqual([0]);
  });
});

describe('a delivery', () => {
  it('is signed, thin, and done when it is taken', async () => {
    const { webhook, message } = await announced();
    expect(await deliver(context, message)).toBe('delivered');
    const body = JSON.stringify({ type: 'job.succeeded', timestamp: EVENT.at, data: EVENT.data });
    const signed = signedHeaders({ id: message.deliveryId, timestamp: START / 1000, body }, [webhook.secret]);
    expect(world.sent).toEqual([{ url: webhook.url, headers: expect.objectContaining(signed), body }]);
    expect(await context.webhooks.getDelivery(message)).toMatchObject({
      state: 'succeeded',
      nextAttemptAt: null,
      attempts: [{ at: iso(START), status: 200, answer: 'ok', error: null }],
    });
    expect(await deliver(context, message)).toBe('stale');
    expect(world.sent).toHaveLength(1);
    expect(metrics.counts.get('WebhooksDelivered')).toBe(1);
  });

  it('is signed with the secret before too, as long as that counts', async () => {
    const before = buildWebhook().secret;
    const previous = { secret: before, until: iso(START + 60_000) };
    const signatures = async (now: number) => {
      const { message } = await announced({ previous });
      world.now = now;
      await deliver(context, message);
      return world.sent.at(-1)?.headers['webhook-signature']?.split(' ').length;
    };
    expect(await signatures(START + 59_999)).toBe(2);
    expect(await signatures(START + 60_000)).toBe(1);
  });

  it('that fails is tried ten times over a day, and then its webhook is disabled', async () => {
    world.answer = () => ({ error: 'connect ECONNREFUSED' });
    const { webhook, message } = await announced();
    world.queue.push({ message, at: START });
    const times = await run();
    const planned = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
    expect(times).toHaveLength(10);
    for (const [i, seconds] of planned.entries()) {
      const wait = seconds - (planned[i - 1] ?? 0);
      expect(times[i]).toBeGreaterThanOrEqual(seconds * 1000);
      expect(times[i]).toBeLessThanOrEqual((seconds + wait * 0.1 + 1) * 1000);
    }
    const delivery = await context.webhooks.getDelivery(message);
    expect(delivery).toMatchObject({ state: 'failed', made: 10, nextAttemptAt: null });
    expect(delivery?.attempts).toHaveLength(10);
    expect(await context.webhooks.get(webhook.tenant, webhook.id)).toMatchObject({
      disabled: { reason: 'failing' },
    });
    expect([metrics.counts.get('WebhookAttemptsFailed'), metrics.counts.get('WebhooksDisabled')]).toEqual([
      10, 1,
    ]);
  });

  it('succeeds when the receiver is back', async () => {
    const answers = [DOWN, DOWN, OK];
    world.answer = () => answers.shift() ?? OK;
    const { webhook, message } = await announced();
    world.queue.push({ message, at: START });
    expect(await run()).toHaveLength(3);
    expect(await context.webhooks.getDelivery(message)).toMatchObject({ state: 'succeeded', made: 3 });
    expect(await context.webhooks.get(webhook.tenant, webhook.id)).toMatchObject({ disabled: null });
  });

  it.each([301, 302, 400, 404, 500])('answered with %i is tried again', async (status) => {
    world.answer = () => ({ status, answer: '', retryAfterSeconds: null });
    const { message } = await announced();
    expect(await deliver(context, message)).toBe('waiting');
    expect(world.queue).toHaveLength(1);
  });

  it('waits as long as the receiver asks', async () => {
    world.answer = () => ({ ...DOWN, status: 429, retryAfterSeconds: 3600 });
    const { message } = await announced();
    world.queue.push({ message, at: START });
    await deliver(context, message);
    expect((await context.webhooks.getDelivery(message))?.nextAttemptAt).toBe(iso(START + 3600_000));
    world.answer = () => OK;
    expect((await run()).at(-1)).toBe(3600_000);
  });

  it('answered with 410 disables the webhook at once', async () => {
    world.answer = () => ({ status: 410, answer: 'gone', retryAfterSeconds: null });
    const { webhook, message } = await announced();
    expect(await deliver(context, message)).toBe('failed');
    expect(await context.webhooks.get(webhook.tenant, webhook.id)).toMatchObject({
      disabled: { reason: 'gone' },
    });
    expect(world.queue).toEqual([]);
  });

  it('to a webhook that was disabled or deleted since is not made', async () => {
    for (const end of ['disabled', 'deleted'] as const) {
      const { webhook, message } = await announced();
      if (end === 'deleted') await context.webhooks.remove(webhook.tenant, webhook.id);
      else
        await context.webhooks.replace({
          ...webhook,
          revision: 2,
          disabled: { reason: 'request', at: iso(START) },
        });
      expect(await deliver(context, message)).toBe('stale');
      expect(await context.webhooks.getDelivery(message)).toMatchObject({ state: 'failed', attempts: [] });
    }
    expect(world.sent).toEqual([]);
  });

  it('ends at once and counted when its webhook is gone, and when it is gone itself', async () => {
    const dropped = () => metrics.counts.get('WebhookDeliveriesDropped') ?? 0;
    const before = dropped();
    world.answer = () => DOWN;
    const { webhook, message } = await announced();
    expect(await deliver(context, message)).toBe('waiting');
    await context.webhooks.remove(webhook.tenant, webhook.id);
    world.queue.length = 0;
    // Long before its next attempt.
    expect([await deliver(context, message), world.queue.length, dropped()]).toEqual([
      'stale',
      0,
      before + 1,
    ]);
    expect(await deliver(context, { ...message, deliveryId: `whd_${'0'.repeat(26)}` })).toBe('stale');
    expect([dropped(), world.queue.length]).toEqual([before + 2, 0]);
  });

  it('leaves a webhook alone that has another address by now', async () => {
    const { webhook, message } = await announced();
    world.answer = () => ({ status: 410, answer: '', retryAfterSeconds: null });
    const moved = { ...webhook, revision: 2, url: 'https://elsewhere.example.com/' };
    const send = async () => {
      await context.webhooks.replace(moved);
      return world.answer();
    };
    await deliver({ ...context, sender: { send } }, message);
    expect(await context.webhooks.get(webhook.tenant, webhook.id)).toEqual(moved);
  });

  it('is gone after 30 days', async () => {
    const { webhook, message } = await announced();
    world.now = START + 30 * DAY;
    expect(await context.webhooks.getDelivery(message)).toBeNull();
    const query = { before: null, limit: 10 };
    expect(await context.webhooks.listDeliveries(webhook.tenant, webhook.id, query)).toEqual([]);
    expect(await deliver(context, message)).toBe('stale');
  });
});
