import { SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, expect, it } from 'vitest';
import { createSnsAlerts } from '../../lambdas/adapters/sns-alerts.ts';
import { CREDENTIALS } from './jobs-table.ts';

const server = await startFauxqs({ port: 0, logger: false });
afterAll(() => server.stop());
const config = { endpoint: server.address, region: 'us-east-1', credentials: CREDENTIALS };
const sns = new SNSClient(config);
const sqs = new SQSClient(config);

it('tells the topic what failed, why, and what to do', async () => {
  const { topicArn } = server.createTopic('alerts');
  const { queueUrl } = server.createQueue('inbox');
  server.subscribe({ topic: 'alerts', queue: 'inbox' });
  await createSnsAlerts(sns, topicArn).jobFailed({
    tenant: 'acme',
    jobId: 'job_01KA0000000000000000000001',
    run: 2,
    datasetName: `Käse\n${'x'.repeat(200)}.csv`,
    code: 'missing_columns',
    message: 'There is no column for clicks.',
    remedy: 'Name it with mapping.',
    at: '2026-03-01T10:00:00.000Z',
  });
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  const { Subject, Message, MessageAttributes } = JSON.parse(Messages[0]?.Body ?? '');
  expect(Subject).toMatch(/^Analysis failed \(missing_columns\): K\?se\?x+$/);
  expect(Subject).toHaveLength(100);
  for (const part of ['There is no column for clicks.', 'Name it with mapping.', 'acme', 'job_01KA', 'run 2'])
    expect(Message).toContain(part);
  expect(MessageAttributes.code.Value).toBe('missing_columns');
  expect(MessageAttributes.tenant.Value).toBe('acme');
});
