import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Deployment, planDeployment } from '../../local/assembly/deployment.ts';
import { templateSchema } from '../../local/assembly/template.ts';
import { EventRouter } from '../../local/events/router.ts';
import { Delivery } from '../../local/events/targets.ts';
import { Authoriser } from '../../local/iam/authoriser.ts';
import { collectPolicies } from '../../local/iam/policies.ts';
import { FunctionDirectory } from '../../local/lambda/directory.ts';
import { MessageBroker } from '../../local/sqs/broker.ts';
import { deployQueue } from '../../local/sqs/deploy.ts';
import { Timeline } from '../../local/timeline.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const ruleArn = { 'Fn::GetAtt': ['Rule', 'Arn'] };

function allow(queue: string) {
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: queue }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
            Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
          },
        ],
      },
    },
  };
}

const target = (queue: string) => ({
  Id: queue,
  Arn: { 'Fn::GetAtt': [queue, 'Arn'] },
  DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } },
});

const template = templateSchema.parse({
  Resources: {
    Open: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'open' } },
    Closed: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'closed' } },
    DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead-letters' } },
    OpenPolicy: allow('Open'),
    DeadLettersPolicy: allow('DeadLetters'),
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'rule',
        EventPattern: { source: ['test'] },
        Targets: [target('Closed'), target('Open')],
      },
    },
  },
});

const directory = temporaryDirectory();
const logged: string[] = [];
let broker: MessageBroker;
let router: EventRouter;

beforeAll(async () => {
  const deployment: Deployment = planDeployment(
    { stacks: [{ id: 'S', stackName: 's', template }], assets: new Map() },
    { endpoint: 'http://127.0.0.1:1' },
  );
  broker = await MessageBroker.open(directory.path);
  const authoriser = new Authoriser(collectPolicies(deployment));
  const queues = deployment.resources.filter(({ type }) => type === 'AWS::SQS::Queue');
  for (const queue of queues) await deployQueue(broker, queue);
  const queueUrl = (arn: string) =>
    queues.find(({ identity }) => identity.attributes?.['Arn'] === arn)?.identity.ref;
  const log = (line: string) => logged.push(line);
  const delivery = new Delivery({
    broker,
    authoriser,
    functions: new FunctionDirectory([], []),
    queueUrl,
    onDelivered: () => undefined,
    log,
  });
  router = new EventRouter({ delivery, authoriser, timeline: new Timeline(), log });
  for (const rule of deployment.resources.filter(({ type }) => type === 'AWS::Events::Rule')) {
    expect(router.addRule(rule)).toEqual([]);
  }
});
afterAll(async () => {
  await broker.close();
  directory.remove();
});

async function receive(queue: string) {
  const { Messages } = await broker.sqs('ReceiveMessage', {
    QueueUrl: `http://127.0.0.1:1/000000000000/${queue}`,
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
  });
  return Messages ?? [];
}

it('hands an event to the queue that lets the rule in, and what another refuses to the dead letters', async () => {
  const event = { source: 'test', detail: { n: 1 } };
  await router.put({ source: 'other' });
  await router.put(event);
  expect(await receive('open')).toEqual([expect.objectContaining({ Body: JSON.stringify(event) })]);
  expect(await receive('closed')).toEqual([]);
  expect(await receive('dead-letters')).toEqual([
    expect.objectContaining({
      Body: JSON.stringify(event),
      MessageAttributes: expect.objectContaining({
        ERROR_CODE: { DataType: 'String', StringValue: 'NO_PERMISSIONS' },
        RULE_ARN: { DataType: 'String', StringValue: 'arn:aws:events:us-east-1:000000000000:rule/rule' },
      }),
    }),
  ]);
  expect(logged).toEqual([
    expect.stringContaining('closed: its queue’s policy does not allow messages from it'),
  ]);
});

it('makes messages visible again at once when asked to, which the emulator alone cannot while it persists', async () => {
  const queue = { QueueUrl: 'http://127.0.0.1:1/000000000000/open' };
  await broker.sqs('SendMessage', { ...queue, MessageBody: 'again' });
  const { Messages } = await broker.sqs('ReceiveMessage', { ...queue, VisibilityTimeout: 600 });
  const [message] = Array.isArray(Messages) ? Messages : [];
  const handle = JSON.parse(JSON.stringify(message)).ReceiptHandle;
  await broker.sqs('ChangeMessageVisibility', { ...queue, ReceiptHandle: handle, VisibilityTimeout: 0 });
  expect(await receive('open')).toEqual([expect.objectContaining({ Body: 'again' })]);
});
