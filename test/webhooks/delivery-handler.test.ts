import type { Context, SQSRecord } from 'aws-lambda';
import { expect, it, onTestFinished, vi } from 'vitest';
import { deliveryHandler } from '../../lambdas/functions/runtime/delivery-handler.ts';
import { announce } from '../../lambdas/pipeline/webhooks/announce.ts';
import { buildWebhook, iso, START, setUpWebhooks } from './webhooks.ts';

const { world, context } = await setUpWebhooks();

it('hands back what could not be noted, and nothing else of the batch', async () => {
  onTestFinished(() => void vi.restoreAllMocks());
  const lines: unknown[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(JSON.parse(String(line))) > 0);
  let flushed = 0;
  const broken = {
    ...context.webhooks,
    getDelivery: (ref: Parameters<typeof context.webhooks.getDelivery>[0]) =>
      ref.tenant === 'unlucky' ? Promise.reject(new Error('down')) : context.webhooks.getDelivery(ref),
  };
  const use = () => ({ context: { ...context, webhooks: broken }, flushMetrics: () => void flushed++ });
  for (const tenant of ['lucky', 'unlucky']) {
    await context.webhooks.create(buildWebhook({ tenant }));
    const work = { jobId: 'job_01KA0000000000000000000000', requestId: 'req_01KA0000000000000000000000' };
    await announce(context, tenant, { id: 'e', type: 'job.succeeded', at: iso(START), data: {}, work });
  }
  const bodies = [
    ...world.queue.map(({ message }) => JSON.stringify(message)),
    'no JSON',
    '{"tenant":"acme"}',
  ];
  const Records = bodies.map((body, i) => ({ body, messageId: `m${i}`, attributes: {} }) as SQSRecord);
  const { batchItemFailures } = await deliveryHandler(use)({ Records }, { awsRequestId: 'r' } as Context);
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['m1', 'm2', 'm3']);
  expect(world.sent).toHaveLength(1);
  for (const [i, tenant] of ['lucky', 'unlucky'].entries()) {
    const about = { tenant, messageId: `m${i}`, lambdaRequestId: 'r' };
    const work = { jobId: 'job_01KA0000000000000000000000', requestId: 'req_01KA0000000000000000000000' };
    expect(lines).toContainEqual(expect.objectContaining({ ...about, ...work }));
  }
  expect(flushed).toBe(1);
});
