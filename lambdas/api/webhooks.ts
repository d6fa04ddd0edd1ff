import {
  createWebhookSchema,
  listWebhooksQuery,
  MAX_WEBHOOKS,
  updateWebhookSchema,
  type WebhookAnswerBody,
} from '../contracts/api/webhooks.ts';
import { type Webhook, webhookIdSchema } from '../contracts/webhook.ts';
import { idOf } from '../domain/job/job-id.ts';
import { createSecret, SECRET_RANDOM_BYTES } from '../domain/webhooks/signature.ts';
import { tenantOf } from '../http/caller.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseBody, parseQuery } from '../http/input.ts';
import { pageResponse, positionOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import type { AnnounceContext } from '../pipeline/webhooks/announce.ts';
import type { WebhookStore } from '../ports/webhook-store.ts';

/** What the verbs about webhooks work with. */
export interface WebhookServices extends AnnounceContext {
  readonly webhooks: WebhookStore;
  /** So many bytes that nobody can guess. */
  readonly random: (bytes: number) => Uint8Array;
}

/** How long a secret counts beside the one that replaced it, for receivers to change over. */
const OVERLAP_MS = 24 * 3600 * 1000;
/** Tries to change a webhook that somebody else is changing. */
const TRIES = 5;

/** The webhooks of a tenant, newest first. */
export async function listWebhooks({ webhooks }: WebhookServices, request: ApiRequest): Promise<ApiResponse> {
  const { limit } = parseQuery(listWebhooksQuery, request);
  const [after] = positionOf(request) ?? [];
  const all = await webhooks.list(tenantOf(request));
  const rest = typeof after === 'string' ? all.filter(({ id }) => id < after) : all;
  const data = rest.slice(0, limit).map(answerOf);
  const last = data.at(-1);
  const next = rest.length > limit && last !== undefined ? [last.id] : null;
  return pageResponse(request, { data, next, total: all.length });
}

/** Makes a webhook. Its secret is in this answer only. */
export async function createWebhook(services: WebhookServices, request: ApiRequest): Promise<ApiResponse> {
  const { webhooks, clock } = services;
  const tenant = tenantOf(request);
  const wanted = parseBody(createWebhookSchema, request);
  if ((await webhooks.list(tenant)).length >= MAX_WEBHOOKS) throw full();
  const now = clock.now();
  const secret = newSecret(services);
  const webhook: Webhook = {
    ...wanted,
    id: idOf('wh', now, secret),
    tenant,
    revision: 1,
    secret,
    previous: null,
    createdAt: new Date(now).toISOString(),
    disabled: null,
  };
  await webhooks.create(webhook);
  return { ...withSecret(201, webhook), headers: { Location: `${request.path}/${webhook.id}` } };
}

/** Changes what is named; `enabled: true` also starts one again that was disabled because nothing got through. */
export async function updateWebhook(services: WebhookServices, request: ApiRequest): Promise<ApiResponse> {
  const { enabled, ...wanted } = parseBody(updateWebhookSchema, request);
  const at = new Date(services.clock.now()).toISOString();
  const changed = await change(services, request, (webhook) => {
    if (enabled === undefined) return { ...webhook, ...wanted };
    const disabled = enabled ? null : (webhook.disabled ?? { reason: 'request' as const, at });
    return { ...webhook, ...wanted, disabled };
  });
  return { status: 200, body: answerOf(changed) };
}

export async function deleteWebhook(
  { webhooks }: WebhookServices,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { success, data: id } = webhookIdSchema.safeParse(request.parameters['webhookId']);
  if (!success || !(await webhooks.remove(tenantOf(request), id))) throw missing();
  return { status: 204 };
}

/** Gives a webhook a new secret. Messages are signed with the old one too for 24 hours. */
export async function rotateSecret(services: WebhookServices, request: ApiRequest): Promise<ApiResponse> {
  const secret = newSecret(services);
  const until = new Date(services.clock.now() + OVERLAP_MS).toISOString();
  const changed = await change(services, request, (webhook) => ({
    ...webhook,
    secret,
    previous: { secret: webhook.secret, until },
  }));
  return withSecret(200, changed);
}

/** The webhook that a path names. @throws Problem `not_found`, for those of other tenants too */
export async function findWebhook(
  { webhooks }: Pick<WebhookServices, 'webhooks'>,
  request: ApiRequest,
): Promise<Webhook> {
  const { success, data: id } = webhookIdSchema.safeParse(request.parameters['webhookId']);
  const webhook = success ? await webhooks.get(tenantOf(request), id) : null;
  if (webhook === null) throw missing();
  return webhook;
}

/** Changes the webhook that a path names, whoever else does at the same time. */
async function change(
  { webhooks }: WebhookServices,
  request: ApiRequest,
  edit: (webhook: Webhook) => Webhook,
): Promise<Webhook> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const current = await findWebhook({ webhooks }, request);
    const changed = { ...edit(current), revision: current.revision + 1 };
    if ((await webhooks.replace(changed)) === 'replaced') return changed;
  }
  throw new Problem('unavailable', 'The webhook is being changed by others at this moment.');
}

function newSecret({ random }: WebhookServices): string {
  return createSecret(random(SECRET_RANDOM_BYTES));
}

function answerOf({
  id,
  url,
  description,
  events,
  createdAt,
  disabled,
  previous,
}: Webhook): WebhookAnswerBody {
  const previousSecretUntil = previous?.until ?? null;
  return {
    id,
    url,
    description,
    events,
    createdAt,
    enabled: disabled === null,
    disabled,
    previousSecretUntil,
  };
}

function withSecret(status: number, webhook: Webhook): ApiResponse {
  const answer = answerOf(webhook);
  return {
    status,
    body: { ...answer, secret: webhook.secret },
    replay: { body: { ...answer, secret: null } },
  };
}

function missing(): Problem {
  return new Problem('not_found', 'There is no webhook of this id.');
}

function full(): Problem {
  const remedy = 'Delete one that nobody uses, or let one receiver pass events on.';
  return new Problem('invalid_request', `A tenant can have ${MAX_WEBHOOKS} webhooks.`, { remedy });
}
