import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { synthesise } from '../../local/assembly/synthesise.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { eventually } from './eventually.ts';
import { type FixtureCloud, startFixture } from './fixture-cloud.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const directory = temporaryDirectory();
let fixture: FixtureCloud;

const assembly = temporaryDirectory();

beforeAll(async () => {
  await synthesise({ app: 'test/local/fixture/app.ts', outdir: assembly.path });
  mkdirSync(join(assembly.path, 'node_modules'));
  symlinkSync(resolve('node_modules/zod'), join(assembly.path, 'node_modules/zod'));
  fixture = await startFixture(assembly.path, directory.path);
}, 60_000);
afterAll(async () => {
  await fixture.stop();
  directory.remove();
  assembly.remove();
});

const echoed = z.looseObject({ processId: z.number(), invocations: z.number(), remaining: z.number() });
const failure = z.looseObject({ errorType: z.string(), errorMessage: z.string() });

async function echo() {
  return echoed.parse((await fixture.invoke('CommandsName', { do: 'echo', n: 1 })).answer);
}

async function failureOf(command: object) {
  const { failed, answer } = await fixture.invoke('CommandsName', command);
  expect(failed).toBe(true);
  return failure.parse(answer);
}

function send(body: object) {
  return fixture.sqs.send(
    new SendMessageCommand({ QueueUrl: fixture.output('JobsUrl'), MessageBody: JSON.stringify(body) }),
  );
}

function upload(key: string, body = 'x') {
  return fixture.s3.send(
    new PutObjectCommand({ Bucket: fixture.output('BucketName'), Key: key, Body: body }),
  );
}

describe('what was synthesised', () => {
  it('lists what is not imitated, and nothing else', () => {
    expect(fixture.cloud.notImitated).toEqual(['AWS::Elasticsearch::Domain (fixture-work/Unknown)']);
    expect(Object.keys(fixture.cloud.withoutEffect)).toEqual([]);
  });

  it('gives a function the template’s variables and Lambda’s, and none of this process', async () => {
    const answer = await echo();
    expect(answer['event']).toEqual({ do: 'echo', n: 1 });
    expect(answer['environment']).toMatchObject({
      BUCKET_NAME: fixture.output('BucketName'),
      JOBS_URL: fixture.output('JobsUrl'),
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_REGION: 'us-east-1',
    });
    expect(answer['environment']).not.toHaveProperty('TABLE_NAME');
    expect(answer['environment']).not.toHaveProperty('HOME');
    expect(answer.remaining).toBeGreaterThan(5000);
    expect(answer.remaining).toBeLessThanOrEqual(10_000);
  });

  it('lets a function import what its bundle and Lambda have, and not what this machine has', async () => {
    const has = await fixture.invoke('CommandsName', { do: 'import', name: '@aws-sdk/client-sqs' });
    expect(has.answer).toContain('SQSClient');
    const { errorMessage } = await failureOf({ do: 'import', name: 'zod' });
    expect(errorMessage).toContain('not in the function');
  });
});

describe('execution environments', () => {
  it('are used again', async () => {
    const first = await echo();
    const second = await echo();
    expect(second.processId).toBe(first.processId);
    expect(second.invocations).toBe(first.invocations + 1);
  });

  it('end at the timeout, and others take their place', async () => {
    const hung = await fixture.invoke('HastyName', { do: 'hang' });
    expect(hung.failed).toBe(true);
    const { errorType, errorMessage } = failure.parse(hung.answer);
    expect(errorType).toBe('Sandbox.Timedout');
    expect(errorMessage).toMatch(/Task timed out after 1.00 seconds$/);
    expect((await fixture.invoke('HastyName', { do: 'echo' })).answer).toMatchObject({ invocations: 1 });
  });

  it('whose process ended while idle are replaced', async () => {
    const { processId } = await echo();
    process.kill(processId, 'SIGKILL');
    const isGone = () => (fixture.cloud.processIds().includes(processId) ? undefined : true);
    await eventually('the end of the process', isGone);
    expect(await echo()).toMatchObject({ invocations: 1 });
  });

  it('end above their memory', async () => {
    const answer = await failureOf({ do: 'allocate' });
    expect(answer.errorType).toBe('Runtime.OutOfMemory');
    expect(answer.errorMessage).toMatch(/\(\d+ of 128 MB\)$/);
  });

  it('report that their process ended', async () => {
    const answer = await failureOf({ do: 'exit' });
    expect(answer).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(answer.errorMessage).toContain('exit status 3');
  });

  it('are as many as the function may have; one more invocation is refused', async () => {
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => fixture.invoke('CommandsName', { do: 'sleep', milliseconds: 400 })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
    const ids = outcomes
      .filter(({ status }) => status === 200)
      .map(({ answer }) => z.looseObject({ processId: z.number() }).parse(answer).processId);
    expect(new Set(ids).size).toBe(2);
  });

  it('write their logs, with what each invocation took', async () => {
    await eventually('a report', () =>
      fixture.logs.find((line) => /REPORT RequestId: .* Max Memory Used: \d+ MB/.test(line)),
    );
  });
});

describe('permissions', () => {
  it('of a function’s role let it read what it may', async () => {
    await upload('open/a', 'hello');
    expect((await fixture.invoke('CommandsName', { do: 'read', key: 'open/a' })).answer).toBe('hello');
  });

  it.each([
    ['s3:GetObject', { do: 'read', key: 'closed/a' }, 'closed/a"'],
    ['s3:PutObject', { do: 'write', key: 'open/b' }, 'open/b"'],
    ['sqs:SendMessage', { do: 'send' }, ':fixture-work-Jobs'],
  ])('refuse %s, naming action, resource and role', async (action, command, resource) => {
    await upload('closed/a');
    const answer = await failureOf(command);
    expect(answer.errorType).toMatch(/^AccessDenied/);
    expect(answer.errorMessage).toContain(`not authorized to perform: ${action} on resource: "arn:aws:`);
    expect(answer.errorMessage).toContain(resource);
    expect(answer.errorMessage).toMatch(/policy of the role fixture-work-CommandsServiceRole\w+-\w+ allows/);
  });

  it('tell a role that may list the bucket that a key is free', async () => {
    expect((await failureOf({ do: 'read', key: 'open/missing' })).errorType).toBe('NoSuchKey');
  });
});

describe('queues', () => {
  it('hand messages to the function in batches and remove what it handled', async () => {
    const ids = Array.from({ length: 12 }, (_, i) => `ok-${i}`);
    for (let i = 0; i < ids.length; i += 6) {
      const Entries = ids
        .slice(i, i + 6)
        .map((id) => ({ Id: id, MessageBody: JSON.stringify({ id, command: 'sleep' }) }));
      await fixture.sqs.send(new SendMessageBatchCommand({ QueueUrl: fixture.output('JobsUrl'), Entries }));
    }
    for (const id of ids) expect(await eventually(id, () => fixture.attempts(id))).toBe(1);
    const worker = fixture.cloud.statistics()[fixture.output('WorkerName')];
    expect(worker?.peakConcurrency).toBeLessThanOrEqual(2);
    await eventually('an empty queue', async () =>
      (await counts()).every((count) => count === '0') ? true : undefined,
    );
  });

  it('keep only the failed messages of a batch, and give up after the last receive', async () => {
    await Promise.all([send({ id: 'poison', command: 'fail' }), send({ id: 'healthy', command: 'succeed' })]);
    const dead = await eventually('a dead letter', () => fixture.receive('DeadLettersUrl'));
    expect(dead).toMatchObject({ id: 'poison' });
    expect(await fixture.attempts('poison')).toBe(2);
    expect(await fixture.attempts('healthy')).toBe(1);
  });

  it('hand a message out again when its worker was killed', async () => {
    await send({ id: 'killed', command: 'exit-once' });
    await eventually('a second attempt', async () =>
      (await fixture.attempts('killed')) === 2 ? true : undefined,
    );
    expect(fixture.logs.some((line) => line.includes('signal: killed'))).toBe(true);
  });
});

describe('events', () => {
  it('take an upload under the prefix to the queue, its key as it is', async () => {
    await upload('elsewhere/a');
    await upload('uploads/ä b+c.csv', 'abc');
    const event = await eventually('an event', () => fixture.receive('UploadsUrl'));
    expect(event).toMatchObject({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: {
        bucket: { name: fixture.output('BucketName') },
        object: { key: 'uploads/ä b+c.csv', size: 3 },
      },
    });
    expect(await fixture.receive('UploadsUrl')).toBeUndefined();
  });
});

it('has objects and messages again after a restart, and leaves no process behind', async () => {
  await upload('kept', 'still here');
  await send({ id: 'interrupted', command: 'hang-once' });
  await eventually('a message being handled', () => fixture.attempts('interrupted'));
  const processes = fixture.cloud.processIds();
  expect(processes).not.toHaveLength(0);
  const startedAt = Date.now();
  await fixture.stop();
  expect(Date.now() - startedAt).toBeLessThan(5000);
  for (const id of processes) expect(() => process.kill(id, 0)).toThrow('ESRCH');

  fixture = await startFixture(assembly.path, directory.path);
  const { Body } = await fixture.s3.send(
    new GetObjectCommand({ Bucket: fixture.output('BucketName'), Key: 'kept' }),
  );
  expect(await Body?.transformToString()).toBe('still here');
  // Received by the test above with a visibility timeout of 30 seconds.
  expect(await fixture.receive('DeadLettersUrl')).toMatchObject({ id: 'poison' });
  const attempts = async () => ((await fixture.attempts('interrupted')) === 2 ? true : undefined);
  await eventually('the interrupted message', attempts);
  await eventually('an empty queue', async () =>
    (await counts()).every((count) => count === '0') ? true : undefined,
  );
});

it('says when its port is taken', async () => {
  const port = Number(new URL(fixture.cloud.endpoint).port);
  const other = temporaryDirectory();
  await expect(startLocalCloud({ dataDirectory: other.path, ports: { aws: port } })).rejects.toThrow(
    `Port ${port} is in use`,
  );
  other.remove();
});

async function counts(): Promise<(string | undefined)[]> {
  const { Attributes } = await fixture.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: fixture.output('JobsUrl'), AttributeNames: ['All'] }),
  );
  return [Attributes?.['ApproximateNumberOfMessages'], Attributes?.['ApproximateNumberOfMessagesNotVisible']];
}
