import { beforeEach, describe, expect, it } from 'vitest';
import { createDynamoIdempotency } from '../../lambdas/adapters/dynamodb-idempotency.ts';
import { listDeliveries, redeliver, testWebhook } from '../../lambdas/api/webhook-deliveries.ts';
import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  rotateSecret,
  updateWebhook,
} from '../../lambdas/api/webhooks.ts';
import {
  deliveryAnswerSchema,
  deliveryPageSchema,
  MAX_WEBHOOKS,
  webhookAnswerSchema,
  webhookPageSchema,
  webhookSecretSchema,
} from '../../lambdas/contracts/api/webhooks.ts';
import type { Route } from '../../lambdas/contracts/routes.ts';
import { createApi } from '../../lambdas/http/api.ts';
import type { ApiRequest, ApiResponse } from '../../lambdas/http/exchange.ts';
import { idempotency } from '../../lambdas/http/idempotency.ts';
import { announce } from '../../lambdas/pipeline/webhooks/announce.ts';
import { deliver } from '../../lambdas/pipeline/webhooks/deliver.ts';
import { buildRequest, CALLER } from '../access/requests.ts';
import { buildWebhook, iso, START, setUpWebhooks } from './webhooks.ts';

const { world, context, metrics, table } = await setUpWebhooks();
const VERBS = {
  listWebhooks,
  createWebhook,
  updateWebhook,
  deleteWebhook,
  testWebhook,
  rotateSecret,
  listDeliveries,
  redeliver,
};
const verbs = new Map<string, (services: typeof context, request: ApiRequest) => Promise<ApiResponse>>(
  Object.entries(VERBS),
);
const store = createDynamoIdempotency(table.client, table.name, { now: Date.now });
const api = createApi({
  find: (id) => {
    const verb = verbs.get(id);
    return verb === undefined ? null : (request) => verb(context, request);
  },
  middlewares: [idempotency({ store, metrics, onUnkept: () => undefined })],
  report: ({ cause }) => {
    throw cause;
  },
});
let tenants = 0;
let tenant = '';

beforeEach(() => {
  tenants++;
  tenant = `caller-${tenants}`;
  world.queue = [];
  world.sent = [];
  world.answer = () => ({ status: 200, answer: 'ok', retryAfterSeconds: null });
});

const METHODS = {
  listWebhooks: 'GET',
  createWebhook: 'POST',
  updateWebhook: 'PATCH',
  deleteWebhook: 'DELETE',
  testWebhook: 'POST',
  rotateSecret: 'POST',
  listDeliveries: 'GET',
  redeliver: 'POST',
} as const satisfies Record<keyof typeof VERBS, Route['method']>;

function ask(operationId: keyof typeof VERBS, changes: Parameters<typeof buildRequest>[1] = {}, as = tenant) {
  const route: Route = {
    operationId,
    method: METHODS[operationId],
    path: '/api/webhooks',
    handler: 'control',
    scope: 'admin',
    summary: '',
  };
  return api(buildRequest(route, { caller: { ...CALLER, tenant: as }, ...changes }));
}

async function created(json: Record<string, unknown> = {}) {
  const { status, body } = await ask('createWebhook', {
    json: { url: 'https://hooks.example.com/', ...json },
  });
  expect(status).toBe(201);
  return webhookSecretSchema.parse(body);
}

describe('a webhook', () => {
  it('is made with a secret that no other answer shows', async () => {
    const json = { url: 'https://hooks.example.com/cd', description: 'Slack' };
    const request = { json, headers: { 'idempotency-key': tenant }, path: '/v1/api/webhooks' };
    const first = await ask('createWebhook', request);
    const webhook = webhookSecretSchema.parse(first.body);
    expect(first.headers).toMatchObject({ Location: `/v1/api/webhooks/${webhook.id}` });
    expect(webhook).toMatchObject({
      ...json,
      enabled: true,
      events: ['job.succeeded', 'job.failed', 'job.cancelled'],
    });
    expect(Buffer.from(webhook.secret?.replace(/^whsec_/, '') ?? '', 'base64')).toHaveLength(32);
    expect((await ask('createWebhook', request)).body).toEqual({ ...webhook, secret: null });
    const { body } = await ask('listWebhooks');
    const { secret: _, ...shown } = webhook;
    expect(webhookPageSchema.parse(body)).toEqual({ data: [shown], page: { next: null, total: 1 } });
  });

  it.each([
    [{ url: 'http://hooks.example.com/' }, '/url', /https/],
    [{ url: 'https://169.254.169.254/' }, '/url', /private/],
    [{ url: 'https://localhost/' }, '/url', /private/],
    [{}, '/url', /./],
    [{ url: 'https://a.example.com/', events: [] }, '/events', /./],
    [{ url: 'https://a.example.com/', events: ['job.started'] }, '/events/0', /./],
    [{ url: 'https://a.example.com/', secret: 'mine' }, '/secret', /unknown/],
  ])('is not made of %j', async (json, pointer, detail) => {
    const errors = [{ pointer, detail: expect.stringMatching(detail) }];
    expect(await ask('createWebhook', { json })).toMatchObject({ status: 400, body: { errors } });
  });

  it('is one of twenty', async () => {
    for (let i = 0; i < MAX_WEBHOOKS; i++) await context.webhooks.create(buildWebhook({ tenant }));
    expect(await ask('createWebhook', { json: { url: 'https://a.example.com/' } })).toMatchObject({
      status: 400,
    });
    const names: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string[]> = { limit: ['9'], ...(cursor !== null && { cursor: [cursor] }) };
      const page: ReturnType<typeof webhookPageSchema.parse> = webhookPageSchema.parse(
        (await ask('listWebhooks', { query })).body,
      );
      names.push(...page.data.map(({ id }) => id));
      cursor = page.page.next;
    } while (cursor !== null);
    expect(names).toEqual([...new Set(names)].sort().reverse());
    expect(names).toHaveLength(MAX_WEBHOOKS);
  });

  it('changes in what is named, and can be switched off and on', async () => {
    const { id, url } = await created();
    const update = async (json: unknown) => {
      const { status, body } = await ask('updateWebhook', { json, parameters: { webhookId: id } });
      return { status, body: status === 200 ? webhookAnswerSchema.parse(body) : body };
    };
    expect(await update({ events: ['job.failed'] })).toMatchObject({
      body: { events: ['job.failed'], url, enabled: true },
    });
    expect(await update({ enabled: false })).toMatchObject({
      body: { enabled: false, disabled: { reason: 'request' } },
    });
    expect(await update({ description: 'later' })).toMatchObject({ body: { enabled: false } });
    expect(await update({ enabled: true })).toMatchObject({
      body: { enabled: true, disabled: null, description: 'later' },
    });
    expect(await update({ url: 'https://10.0.0.1/' })).toMatchObject({ status: 400 });
  });

  it('gets a new secret, beside which the old one counts for a day', async () => {
    const before = await created();
    const { status, body } = await ask('rotateSecret', { parameters: { webhookId: before.id } });
    const after = webhookSecretSchema.parse(body);
    expect(status).toBe(200);
    expect(after.secret).not.toBe(before.secret);
    expect(after.previousSecretUntil).toBe(iso(world.now + 24 * 3600_000));
    expect(await context.webhooks.get(tenant, before.id)).toMatchObject({
      secret: after.secret,
      previous: { secret: before.secret },
    });
  });

  it('is deleted', async () => {
    const { id } = await created();
    expect((await ask('deleteWebhook', { parameters: { webhookId: id } })).status).toBe(204);
    expect(await ask('deleteWebhook', { parameters: { webhookId: id } })).toMatchObject({ status: 404 });
  });
});

describe('deliveries', () => {
  async function deliverAll(): Promise<void> {
    for (const { message } of world.queue.splice(0)) await deliver(context, message);
  }

  it('of a test are made at once and once, also while the webhook is disabled', async () => {
    const { id } = await created();
    await ask('updateWebhook', { json: { enabled: false }, parameters: { webhookId: id } });
    world.answer = () => ({ status: 500, answer: 'oops', retryAfterSeconds: null });
    const { status, body } = await ask('testWebhook', { parameters: { webhookId: id } });
    expect(status).toBe(202);
    expect(deliveryAnswerSchema.parse(body)).toMatchObject({ type: 'test', state: 'pending' });
    await deliverAll();
    expect(JSON.parse(world.sent[0]?.body ?? '')).toMatchObject({ type: 'test', data: { webhookId: id } });
    const { data } = deliveryPageSchema.parse(
      (await ask('listDeliveries', { parameters: { webhookId: id } })).body,
    );
    expect(data).toMatchObject([{ state: 'failed', attempts: [{ status: 500, answer: 'oops' }] }]);
    expect(world.queue).toEqual([]);
  });

  it('are listed newest first, page by page', async () => {
    const { id } = await created();
    for (let i = 0; i < 5; i++) {
      const event = { id: `e${i}`, type: 'job.failed' as const, at: iso(START + i * 1000), data: {} };
      await announce(context, tenant, event);
    }
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string[]> = { limit: ['2'], ...(cursor !== null && { cursor: [cursor] }) };
      const { body } = await ask('listDeliveries', { query, parameters: { webhookId: id } });
      const page: ReturnType<typeof deliveryPageSchema.parse> = deliveryPageSchema.parse(body);
      ids.push(...page.data.map((delivery) => delivery.id));
      cursor = page.page.next;
    } while (cursor !== null);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(ids).toHaveLength(5);
  });

  it('are sent again under the same id, which a receiver knows', async () => {
    const { id } = await created();
    await announce(context, tenant, { id: 'e', type: 'job.failed', at: iso(START), data: {} });
    await deliverAll();
    const [delivery] = await context.webhooks.listDeliveries(tenant, id, { before: null, limit: 1 });
    const parameters = { webhookId: id, deliveryId: delivery?.id ?? '' };
    expect(await ask('redeliver', { parameters })).toMatchObject({ status: 202, body: { state: 'pending' } });
    expect(await ask('redeliver', { parameters })).toMatchObject({ status: 202 });
    expect(world.queue).toHaveLength(1);
    await deliverAll();
    expect(world.sent.map(({ headers }) => headers['webhook-id'])).toEqual([delivery?.id, delivery?.id]);
    expect((await context.webhooks.getDelivery({ tenant, ...parameters }))?.attempts).toHaveLength(2);
    await ask('updateWebhook', { json: { enabled: false }, parameters });
    expect(await ask('redeliver', { parameters })).toMatchObject({ status: 400 });
  });
});

describe('another tenant', () => {
  it('finds nothing of all this', async () => {
    const { id } = await created();
    await announce(context, tenant, { id: 'e', type: 'job.failed', at: iso(START), data: {} });
    const deliveryId = world.queue[0]?.message.deliveryId ?? '';
    const parameters = { webhookId: id, deliveryId };
    const before = await context.webhooks.get(tenant, id);
    for (const operation of [
      'updateWebhook',
      'deleteWebhook',
      'testWebhook',
      'rotateSecret',
      'listDeliveries',
      'redeliver',
    ] as const)
      expect(await ask(operation, { parameters }, 'stranger'), operation).toMatchObject({ status: 404 });
    expect(webhookPageSchema.parse((await ask('listWebhooks', {}, 'stranger')).body).data).toEqual([]);
    expect(await context.webhooks.get(tenant, id)).toEqual(before);
    expect(world.queue).toHaveLength(1);
  });

  it.each(['wh_none', '', 'wh_01KA#/../job', 'x'.repeat(3000)])(
    'nor anybody by the id %j',
    async (webhookId) => {
      expect(await ask('rotateSecret', { parameters: { webhookId } })).toMatchObject({ status: 404 });
    },
  );
});
