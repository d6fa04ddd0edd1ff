import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { startFauxqs } from 'fauxqs';
import { afterAll } from 'vitest';
import type { PipelineEnvironment, SweepEnvironment } from '../../lambdas/contracts/environment.ts';
import { startDataBucket } from '../adapters/data-bucket.ts';
import { startJobsTable } from '../adapters/jobs-table.ts';

/** What Lambda tells a function of its invocation. */
export const INVOCATION: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'function',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:function',
  memoryLimitInMB: '512',
  awsRequestId: 'request-1',
  logGroupName: 'log',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => 60_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
};

type Worker = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** The services a function finds on AWS, and the environment that leads it to them. */
export async function startCloud() {
  const [bucket, table, server] = await Promise.all([
    startDataBucket(),
    startJobsTable(),
    startFauxqs({ port: 0, logger: false }),
  ]);
  afterAll(() => server.stop());
  const { accessKeyId, secretAccessKey } = await bucket.client.config.credentials();
  const url = (name: string) => {
    const { queueUrl } = server.createQueue(name, { attributes: { VisibilityTimeout: '360' } });
    // The client sends to the host of the queue's URL, and the one the server gives has a name nobody resolves.
    return new URL(new URL(queueUrl).pathname, server.address).href;
  };
  const { topicArn } = server.createTopic('alerts');
  const pipeline: PipelineEnvironment & SweepEnvironment = {
    DATA_BUCKET: bucket.name,
    JOBS_TABLE: table.name,
    ANALYSIS_QUEUE_URL: url('analysis'),
    SIGNATURE_QUEUE_URL: url('signature'),
    REPORT_QUEUE_URL: url('report'),
    DELIVERY_QUEUE_URL: url('deliveries'),
    ANALYSIS_DEAD_LETTERS_URL: url('analysis-dead-letters'),
    SIGNATURE_DEAD_LETTERS_URL: url('signature-dead-letters'),
    REPORT_DEAD_LETTERS_URL: url('report-dead-letters'),
    DELIVERY_DEAD_LETTERS_URL: url('deliveries-dead-letters'),
    UNDELIVERED_UPLOADS_URL: url('undelivered-uploads'),
    ALERT_TOPIC_ARN: topicArn,
    METRICS_NAMESPACE: 'test',
    RESULT_DAYS: '7',
    RECORD_DAYS: '21',
    TENANT_JOBS: '50',
    TENANT_BYTES: '1000000000000',
    TENANT_HEAVY_PER_MINUTE: '10',
  };
  const environment = {
    ...pipeline,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_SQS: server.address,
    AWS_ENDPOINT_URL_SNS: server.address,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_ENDPOINT_URL_S3: bucket.endpoint,
  };
  const sqs = new SQSClient({
    endpoint: server.address,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
  });

  async function send(QueueUrl: string, body: unknown): Promise<void> {
    const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }

  async function receive(QueueUrl: string): Promise<Message[]> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    return Messages;
  }

  /** Gives a worker what is in its queue, as an event source does. @returns ids of the messages that failed */
  async function deliver(QueueUrl: string, worker: Worker): Promise<{ received: number; failed: string[] }> {
    const messages = await receive(QueueUrl);
    if (messages.length === 0) return { received: 0, failed: [] };
    const { batchItemFailures } = await worker(eventOf(messages), INVOCATION);
    const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    for (const { MessageId = '', ReceiptHandle } of messages) {
      if (!failed.includes(MessageId)) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    return { received: messages.length, failed };
  }

  /** Seconds until the messages on their way through a worker can be received again. */
  function hiddenSeconds(queue: string): number[] {
    const inflight = server.inspectQueue(queue)?.messages.inflight ?? [];
    return inflight.map(({ visibilityDeadline }) => Math.ceil((visibilityDeadline - Date.now()) / 1000));
  }

  return { bucket, table, server, environment, send, receive, deliver, hiddenSeconds };
}

function eventOf(messages: Message[]): SQSEvent {
  return {
    Records: messages.map(({ MessageId = '', ReceiptHandle = '', Body = '', Attributes }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: {
        ApproximateReceiveCount: Attributes?.ApproximateReceiveCount ?? '1',
        SentTimestamp: '0',
        SenderId: 'test',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue',
      awsRegion: 'us-east-1',
    })),
  };
}
