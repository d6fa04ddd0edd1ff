import type { Context, SQSRecord } from 'aws-lambda';
import { expect, it, onTestFinished, vi } from 'vitest';
import { deliveryHandler } from '../../lambdas/functions/runtime/delivery-handler.ts';
import { announce } from '../../lambdas/pipeline/webhooks/announce.ts';
import { buildWebhook, iso, START, setUpWebhooks } from './webhooks.ts';

const { world, context } = await setUpWebhooks();

it('hands back what could not be noted, and nothing else of the batch', async () => {
  onTestFinished(() => void vi.restoreAllMocks());
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  let flushed = 0;
  const broken = {
    ...context.webhooks,
    getDelivery: (ref: Parameters<typeof context.webhooks.getDelivery>[0]) =>
      ref.tenant === 'unlucky' ? Promise.reject(new Error('down')) : context.webhooks.getDelivery(ref),
  };
  const use = () => ({ context: { ...context, webhooks: broken }, flushMetrics: () => void flushed++ });
  for (const tenant of ['lucky', 'unlucky']) {
    await context.webhooks.create(buildWebhook({ tenant }));
    await announce(context, tenant, { id: 'e', type: 'job.succeeded', at: iso(START), data: {} });
  }
  const bodies = [
    ...world.queue.map(({ message }) => JSON.stringify(message)),
    'no JSON',
    '{"tenant":"acme"}',
  ];
  const Records = bodies.map((body, i) => ({ body, messageId: `m${i}` }) as SQSRecord);
  const { batchItemFailures } = await deliveryHandler(use)({ Records }, { awsRequestId: 'r' } as Context);
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['m1', 'm2', 'm3']);
  expect(world.sent).toHaveLength(1);
  expect(flushed).toBe(1);
});
