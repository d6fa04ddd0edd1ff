import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mappingArn } from '../../local/account.ts';
import { FunctionDirectory } from '../../local/lambda/directory.ts';
import { eventSource } from '../../local/lambda/event-source.ts';
import { lambdaFront } from '../../local/lambda/front.ts';
import { EventSourceMapping } from '../../local/lambda/mapping.ts';
import { QueuePoller } from '../../local/lambda/queue-poller.ts';
import { Slots } from '../../local/lambda/slots.ts';
import { MessageBroker } from '../../local/sqs/broker.ts';
import { Timeline } from '../../local/timeline.ts';
import { eventually } from './eventually.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { granting, serve, type Wire } from './wire.ts';

const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:work';
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:worker';
const UUID = '3f2c1a90-1111-4222-8333-444455556666';
const ACCOUNT = 7;

const directory = temporaryDirectory();
let broker: MessageBroker;
/** One for each test, as a receive call of an earlier one may still be under way. */
let QueueUrl: string;
let queues = 0;
let wire: Wire;
let mapping: EventSourceMapping;
/** Environments that the function may have. */
let environments: Slots;
/** Messages of the batches that the function has, and how to end each with success. */
let running: { readonly bodies: string[]; readonly done: () => void }[];
const clients: LambdaClient[] = [];

function deploy(properties: Record<string, number | object | boolean> = {}, speed = 1): EventSourceMapping {
  const source = eventSource({
    stackName: 'stack',
    logicalId: 'Mapping',
    type: 'AWS::Lambda::EventSourceMapping',
    identity: { name: UUID, ref: UUID, attributes: {} },
    properties: JSON.parse(
      JSON.stringify({ EventSourceArn: QUEUE_ARN, FunctionName: 'worker', BatchSize: 1, ...properties }),
    ),
  });
  running = [];
  environments = new Slots(Number.POSITIVE_INFINITY);
  const invoke = (payload: string) =>
    new Promise<{ succeeded: true; payload: string }>((resolve) => {
      const bodies = JSON.parse(payload).Records.map(({ body }: { body: string }) => body);
      const batch = {
        bodies,
        done: () => {
          running.splice(running.indexOf(batch), 1);
          resolve({ succeeded: true, payload: 'null' });
        },
      };
      running.push(batch);
    });
  const poller = new QueuePoller(
    {
      ...{ queueArn: QUEUE_ARN, queueUrl: QueueUrl, broker, invoke, free: () => environments.free() },
      ...{ defaultConcurrency: ACCOUNT, log: () => undefined },
    },
    source.settings,
  );
  const timeline = new Timeline(speed);
  return new EventSourceMapping({ uuid: UUID, source, poller, reservedConcurrency: 50, timeline });
}

async function start(...given: Parameters<typeof deploy>): Promise<void> {
  mapping = deploy(...given);
  const authoriser = granting({
    controller: [{ Action: 'lambda:*EventSourceMapping', Resource: mappingArn(UUID) }],
    stranger: [{ Action: 'lambda:*', Resource: mappingArn('another') }],
  });
  const functions = new FunctionDirectory([], []);
  wire = await serve(directory.path, { lambda: lambdaFront({ functions, mappings: [mapping], authoriser }) });
}

function client(role?: string): LambdaClient {
  const made = new LambdaClient(wire.as(role));
  clients.push(made);
  return made;
}

const get = (role?: string) => client(role).send(new GetEventSourceMappingCommand({ UUID }));
const update = (input: Partial<UpdateEventSourceMappingCommandInput>, role?: string) =>
  client(role).send(new UpdateEventSourceMappingCommand({ UUID, ...input }));

async function send(...bodies: string[]): Promise<void> {
  for (const MessageBody of bodies) await broker.sqs('SendMessage', { QueueUrl, MessageBody });
}

/** Waits until the function has so many batches. */
function has(count: number): Promise<true> {
  return eventually(`the function has ${count} batches`, () => (running.length === count ? true : undefined));
}

beforeAll(async () => {
  broker = await MessageBroker.open(directory.path);
});
beforeEach(async () => {
  queues += 1;
  const created = await broker.sqs('CreateQueue', { QueueName: `work${queues}` });
  QueueUrl = String(created['QueueUrl']);
});
afterEach(async () => {
  for (const made of clients.splice(0)) made.destroy();
  mapping.stop();
  for (const { done } of [...running]) done();
  await wire.close();
});
afterAll(async () => {
  await broker.close();
  directory.remove();
});

describe('a mapping', () => {
  it('is described as the template made it', async () => {
    await start({
      ScalingConfig: { MaximumConcurrency: 4 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    const { LastModified, $metadata, ...described } = await get('controller');
    expect(described).toEqual({
      UUID,
      EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${UUID}`,
      EventSourceArn: QUEUE_ARN,
      FunctionArn: FUNCTION_ARN,
      BatchSize: 1,
      MaximumBatchingWindowInSeconds: 0,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 4 },
      State: 'Enabled',
      StateTransitionReason: 'USER_INITIATED',
    });
    expect($metadata.httpStatusCode).toBe(200);
    expect(Math.abs(LastModified!.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('leaves messages in the queue while the function can run no more', async () => {
    await start();
    environments.limit = 0;
    mapping.start();
    const load = () => broker.queueLoads().find(({ name }) => QueueUrl.endsWith(`/${name}`));
    await send('a', 'b', 'c');
    // Whoever came before it has been served by now, and nothing was received.
    await broker.sqs('GetQueueAttributes', { QueueUrl });
    expect(load()).toMatchObject({ visible: 3, notVisible: 0 });
    environments.limit = 1;
    await has(3);
  });

  it('is found by its queue and by its function', async () => {
    await start();
    const list = (input: object) => client().send(new ListEventSourceMappingsCommand(input));
    for (const input of [{}, { EventSourceArn: QUEUE_ARN }, { FunctionName: 'worker' }])
      expect((await list(input)).EventSourceMappings?.map((each) => each.UUID)).toEqual([UUID]);
    for (const input of [{ EventSourceArn: `${QUEUE_ARN}2` }, { FunctionName: 'other' }])
      expect((await list(input)).EventSourceMappings).toEqual([]);
  });

  it.each([
    ['a cap of its own', { ScalingConfig: { MaximumConcurrency: 30 } }, 30],
    ['ten batches a provisioned poller', { ProvisionedPollerConfig: { MaximumPollers: 6 } }, 60],
    ['what the account has', {}, ACCOUNT],
  ])('may handle as many batches at a time as %s', async (_what, properties, cap) => {
    await start(properties);
    expect(mapping.load).toEqual({
      uuid: UUID,
      functionArn: FUNCTION_ARN,
      queueArn: QUEUE_ARN,
      cap,
      inFlight: 0,
    });
  });
});

describe('an update', () => {
  it('is told at once, is under way for a while, and refuses another until it is done', async () => {
    await start({ ScalingConfig: { MaximumConcurrency: 2 } });
    const told = await update({ ScalingConfig: { MaximumConcurrency: 9 } }, 'controller');
    expect(told).toMatchObject({ State: 'Updating', ScalingConfig: { MaximumConcurrency: 9 } });
    expect(told.$metadata.httpStatusCode).toBe(202);
    expect(await get()).toMatchObject({ State: 'Updating' });
    await expect(update({ ScalingConfig: { MaximumConcurrency: 3 } })).rejects.toMatchObject({
      name: 'ResourceInUseException',
      $metadata: { httpStatusCode: 400 },
    });
    expect(mapping.load.cap).toBe(9);
  });

  it('is done after some seconds of the timeline', async () => {
    await start({}, 100);
    await update({ BatchSize: 5 });
    await eventually('it is enabled again', async () =>
      (await get()).State === 'Enabled' ? true : undefined,
    );
    expect(await update({ BatchSize: 6 })).toMatchObject({ State: 'Updating', BatchSize: 6 });
  });

  it('leaves what it does not name, and takes a limit away with an empty one', async () => {
    await start({ ScalingConfig: { MaximumConcurrency: 5 }, MaximumBatchingWindowInSeconds: 3 }, 1000);
    const settled = () =>
      eventually('it settles', async () => ((await get()).State === 'Enabled' ? true : undefined));
    expect(await update({ BatchSize: 7 })).toMatchObject({
      ScalingConfig: { MaximumConcurrency: 5 },
      MaximumBatchingWindowInSeconds: 3,
    });
    await settled();
    await expect(update({ ProvisionedPollerConfig: { MaximumPollers: 3 } })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
    const provisioned = { MinimumPollers: 2, MaximumPollers: 3 };
    const changed = await update({ ScalingConfig: {}, ProvisionedPollerConfig: { MaximumPollers: 3 } });
    expect(changed.ScalingConfig).toBeUndefined();
    expect(changed.ProvisionedPollerConfig).toEqual(provisioned);
    expect(mapping.load.cap).toBe(30);
    await settled();
    expect((await update({ ProvisionedPollerConfig: {} })).ProvisionedPollerConfig).toBeUndefined();
    expect(mapping.load.cap).toBe(ACCOUNT);
  });

  it.each([
    [{ ScalingConfig: { MaximumConcurrency: 1 } }, "Value '1' at 'scalingConfig.maximumConcurrency'"],
    [{ ScalingConfig: { MaximumConcurrency: 1001 } }, 'less than or equal to 1000'],
    [{ ScalingConfig: { MaximumConcurrency: 51 } }, 'reserved concurrency'],
    [{ ProvisionedPollerConfig: { MinimumPollers: 1 } }, "'provisionedPollerConfig.minimumPollers'"],
    [{ ProvisionedPollerConfig: { MinimumPollers: 9, MaximumPollers: 8 } }, 'MinimumPollers'],
    [
      { ScalingConfig: { MaximumConcurrency: 5 }, ProvisionedPollerConfig: { MaximumPollers: 5 } },
      'exclude each other',
    ],
    [{ BatchSize: 11 }, 'Maximum batch window'],
    [{ BatchSize: 0 }, "'batchSize'"],
  ])('is refused with what is not valid: %j', async (input, reason) => {
    await start({ ScalingConfig: { MaximumConcurrency: 5 } });
    await expect(update(input)).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining(reason),
      $metadata: { httpStatusCode: 400 },
    });
    expect(mapping.load.cap).toBe(5);
    expect((await get()).State).toBe('Enabled');
  });

  it('takes a role that may change this mapping', async () => {
    await start();
    for (const attempt of [() => get('stranger'), () => update({ BatchSize: 2 }, 'stranger')]) {
      await expect(attempt()).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining(mappingArn(UUID)),
      });
    }
    await expect(client('controller').send(new ListEventSourceMappingsCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it('of a mapping that there is not is refused', async () => {
    await start();
    const request = new UpdateEventSourceMappingCommand({ UUID: 'none', BatchSize: 1 });
    await expect(client().send(request)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('the poller', () => {
  it('hands out more at once when the cap rises, and nothing above it when it falls', async () => {
    await start({ ScalingConfig: { MaximumConcurrency: 2 } }, 1000);
    mapping.start();
    await send(...Array.from({ length: 12 }, (_, index) => `m${index}`));
    await has(2);
    await update({ ScalingConfig: { MaximumConcurrency: 5 } });
    await has(5);
    expect(mapping.load).toMatchObject({ cap: 5, inFlight: 5 });
    await eventually('it settles', async () => ((await get()).State === 'Enabled' ? true : undefined));
    await update({ ScalingConfig: { MaximumConcurrency: 3 } });
    // Two end and none takes their place; the next end makes room for one.
    const peak: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      running[0]!.done();
      peak.push(running.length);
      if (turn >= 2) await has(3);
    }
    expect(peak).toEqual([4, 3, 2, 2, 2, 2]);
    expect(mapping.load.inFlight).toBe(3);
  });

  it('holds a batch back that came when the cap had been lowered', async () => {
    await start({ ScalingConfig: { MaximumConcurrency: 4 } });
    mapping.start();
    await send('a', 'b', 'c');
    await has(3);
    // Its fourth receive call is under way.
    await update({ ScalingConfig: { MaximumConcurrency: 3 } });
    await send('d');
    await eventually('the message is received', async () => {
      const answer = await broker.sqs('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
      return JSON.parse(JSON.stringify(answer)).Attributes.ApproximateNumberOfMessagesNotVisible === '4'
        ? true
        : undefined;
    });
    expect(running.map(({ bodies }) => bodies)).toEqual([['a'], ['b'], ['c']]);
    running[0]!.done();
    await has(3);
    expect(running.at(-1)!.bodies).toEqual(['d']);
  });

  it('takes nothing while it is disabled, and goes on when it is enabled again', async () => {
    await start({}, 1000);
    mapping.start();
    const settled = (state: string) =>
      eventually(`it is ${state}`, async () => ((await get()).State === state ? true : undefined));
    expect(await update({ Enabled: false })).toMatchObject({ State: 'Disabling' });
    await settled('Disabled');
    await send('later');
    await eventually('the receive call under way has given it back', async () => {
      const answer = await broker.sqs('ReceiveMessage', {
        ...{ QueueUrl, VisibilityTimeout: 0, MessageSystemAttributeNames: ['All'] },
      });
      const [message] = JSON.parse(JSON.stringify(answer)).Messages ?? [];
      return message?.Attributes.ApproximateReceiveCount >= 2 ? true : undefined;
    });
    expect(running).toEqual([]);
    expect(await update({ Enabled: true })).toMatchObject({ State: 'Enabling' });
    await has(1);
    await settled('Enabled');
  });

  it('of a mapping that the template disables waits until it is enabled', async () => {
    await start({ Enabled: false }, 1000);
    mapping.start();
    await send('waiting');
    expect((await get()).State).toBe('Disabled');
    expect(running).toEqual([]);
    await update({ Enabled: true });
    await has(1);
  });
});
