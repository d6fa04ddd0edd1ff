import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createSqsWorkQueue } from '../../lambdas/adapters/sqs-work-queue.ts';
import type { WorkMessage } from '../../lambdas/contracts/messages.ts';
import { newJobId } from './jobs.ts';
import { CREDENTIALS } from './jobs-table.ts';

const server = await startFauxqs({ port: 0, logger: false });
afterAll(() => server.stop());
const config = { endpoint: server.address, region: 'us-east-1', credentials: CREDENTIALS };
const client = new SQSClient(config);

function createUrls() {
  const create = (name: string) => server.createQueue(`${name}-${newJobId()}`).queueUrl;
  return { analysis: create('analysis'), signature: create('signature'), report: create('report') };
}

function scans(count: number, tenant = 'acme'): WorkMessage[] {
  const jobId = newJobId();
  return Array.from({ length: count }, (_, chunk) => ({
    type: 'scan',
    tenant,
    jobId,
    run: 1,
    round: 0,
    chunk,
    first: null,
  }));
}

async function receiveAll(QueueUrl: string): Promise<{ body: unknown; group: string | undefined }[]> {
  const received: { body: unknown; group: string | undefined }[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['MessageGroupId'],
      }),
    );
    if (Messages.length === 0) return received;
    for (const { Body = '', Attributes } of Messages)
      received.push({ body: JSON.parse(Body), group: Attributes?.MessageGroupId });
  }
}

describe('the work queue', () => {
  it('sends every message to the queue of its type, as many as there are', async () => {
    const urls = createUrls();
    const messages = scans(105);
    const ref = { tenant: 'acme', jobId: newJobId(), run: 1 };
    const plan: WorkMessage = { type: 'plan', ...ref };
    const analyse: WorkMessage = { type: 'analyse', ...ref, shard: 0 };
    const report: WorkMessage = { type: 'report', ...ref };
    await createSqsWorkQueue(client, urls).send([plan, ...messages, report, analyse]);
    expect((await receiveAll(urls.analysis)).map(({ body }) => body)).toEqual([plan]);
    expect((await receiveAll(urls.report)).map(({ body }) => body)).toEqual([report]);
    const signature = (await receiveAll(urls.signature)).map(({ body }) => body);
    expect(signature).toHaveLength(106);
    expect(signature).toEqual(expect.arrayContaining([...messages, analyse]));
  });

  it('sends nothing for no messages', async () => {
    const urls = createUrls();
    await createSqsWorkQueue(client, urls).send([]);
    expect(await receiveAll(urls.analysis)).toEqual([]);
  });

  it('holds messages back as long as it is told', async () => {
    const urls = createUrls();
    await createSqsWorkQueue(client, urls).send(scans(1), 1);
    expect(await receiveAll(urls.signature)).toEqual([]);
    await expect.poll(() => receiveAll(urls.signature), { timeout: 5000 }).toHaveLength(1);
  });

  it('says so when a queue is missing', async () => {
    const urls = { ...createUrls(), signature: `${server.address}/000000000000/missing` };
    await expect(createSqsWorkQueue(client, urls).send(scans(1))).rejects.toThrow(/does not exist/i);
  });
});

describe('a batch', () => {
  interface Refusal {
    readonly id: string;
    readonly senderFault: boolean;
  }

  /** A client whose server does not take some messages of the first requests. */
  function refusing(refusals: Refusal[][], sent: unknown[]): SQSClient {
    const picky = new SQSClient(config);
    picky.middlewareStack.add(
      (next) => async (args) => {
        sent.push(args.input);
        const failed = (refusals.shift() ?? []).map(({ id, senderFault }) => ({
          Id: id,
          SenderFault: senderFault,
          Code: 'InternalError',
          Message: 'try again',
        }));
        const answer = await next(args);
        return { ...answer, output: { ...answer.output, Failed: failed } };
      },
      { step: 'initialize', name: 'refuse' },
    );
    return picky;
  }

  it('of which a part was refused is sent again, that part alone', async () => {
    const sent: unknown[] = [];
    const flaky = refusing([[{ id: '2', senderFault: false }], [{ id: '2', senderFault: false }]], sent);
    await createSqsWorkQueue(flaky, createUrls()).send(scans(4));
    const ids = sent.map((input) =>
      JSON.stringify(input)
        .match(/"Id":"\d"/g)
        ?.join(),
    );
    expect(ids).toEqual(['"Id":"0","Id":"1","Id":"2","Id":"3"', '"Id":"2"', '"Id":"2"']);
  });

  it('with a message that cannot be taken fails at once', async () => {
    const sent: unknown[] = [];
    const strict = refusing([[{ id: '0', senderFault: true }]], sent);
    await expect(createSqsWorkQueue(strict, createUrls()).send(scans(1))).rejects.toThrow(
      'The signature queue did not take 1 messages (InternalError: try again).',
    );
    expect(sent).toHaveLength(1);
  });

  it('that is refused again and again fails in the end', async () => {
    const refusal = [{ id: '0', senderFault: false }];
    const down = refusing([refusal, refusal, refusal, refusal], []);
    await expect(createSqsWorkQueue(down, createUrls()).send(scans(1))).rejects.toThrow('did not take');
  });

  it('takes the trace of the invocation along, when there is one', async () => {
    const header = 'Root=1-6ab1c2d3-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1';
    const sent: unknown[] = [];
    const queue = createSqsWorkQueue(refusing([], sent), createUrls());
    await queue.send(scans(1));
    vi.stubEnv('_X_AMZN_TRACE_ID', header);
    await queue.send(scans(2)).finally(() => vi.unstubAllEnvs());
    const traced = {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: header } },
    };
    expect(sent).toMatchObject([{ Entries: [{}] }, { Entries: [traced, traced] }]);
    expect(JSON.stringify(sent[0])).not.toContain('AWSTraceHeader');
  });

  it('carries the tenant as its group', async () => {
    const sent: unknown[] = [];
    await createSqsWorkQueue(refusing([], sent), createUrls()).send([...scans(1), ...scans(1, 'other')]);
    expect(sent).toMatchObject([{ Entries: [{ MessageGroupId: 'acme' }, { MessageGroupId: 'other' }] }]);
  });
});
