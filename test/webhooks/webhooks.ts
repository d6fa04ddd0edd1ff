import { randomBytes } from 'node:crypto';
import { createDynamoWebhooks } from '../../lambdas/adapters/dynamodb-webhooks.ts';
import type { DeliverMessage, Webhook } from '../../lambdas/contracts/webhook.ts';
import { idOf } from '../../lambdas/domain/job/job-id.ts';
import { createSecret } from '../../lambdas/domain/webhooks/signature.ts';
import type { WebhookAnswer, WebhookRequest } from '../../lambdas/ports/webhook-sender.ts';
import { countingMetrics } from '../access/requests.ts';
import { startJobsTable } from '../adapters/jobs-table.ts';

export const START = Date.parse('2026-03-01T10:00:00.000Z');
let made = 0;

export function iso(time: number): string {
  return new Date(time).toISOString();
}

export function buildWebhook(changes: Partial<Webhook> = {}): Webhook {
  made++;
  return {
    id: idOf('wh', START + made, `webhook ${made}`),
    tenant: `tenant-${made}`,
    revision: 1,
    url: 'https://hooks.example.com/cd',
    description: '',
    events: ['job.succeeded'],
    secret: createSecret(randomBytes(32)),
    previous: null,
    createdAt: iso(START),
    disabled: null,
    ...changes,
  };
}

/** Webhooks with a clock that is set, a queue that is looked into, and a receiver that answers as told. */
export async function setUpWebhooks() {
  const table = await startJobsTable();
  const world = {
    now: START,
    /** Messages in the queue, and when they come out of it. */
    queue: [] as { readonly message: DeliverMessage; readonly at: number }[],
    sent: [] as WebhookRequest[],
    answer: (): WebhookAnswer => ({ status: 200, answer: 'ok', retryAfterSeconds: null }),
  };
  const clock = { now: () => world.now };
  const metrics = countingMetrics();
  const context = {
    webhooks: createDynamoWebhooks(table.client, table.name, clock),
    deliveries: {
      send: async (message: DeliverMessage, delaySeconds: number) => {
        if (delaySeconds < 0 || delaySeconds > 900) throw new RangeError(`SQS waits no ${delaySeconds} s.`);
        world.queue.push({ message, at: world.now + delaySeconds * 1000 });
      },
    },
    sender: {
      send: async (request: WebhookRequest) => {
        world.sent.push(request);
        return world.answer();
      },
    },
    clock,
    metrics,
    random: (bytes: number) => randomBytes(bytes),
  };
  return { world, context, metrics, table };
}
