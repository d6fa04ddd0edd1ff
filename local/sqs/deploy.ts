import type { DeployedResource } from '../assembly/deployment.ts';
import { type Json, type JsonObject, scalarText } from '../assembly/json.ts';
import { AwsError } from '../auth/errors.ts';
import type { MessageBroker } from './broker.ts';

const QUEUE_ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DelaySeconds',
  'FifoQueue',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
] as const;

/** Creates a queue of the template, or gives the one of an earlier start the attributes of now. */
export async function deployQueue(
  broker: MessageBroker,
  { identity, properties }: DeployedResource,
): Promise<void> {
  const attributes: JsonObject = {};
  for (const name of QUEUE_ATTRIBUTES) {
    const value = properties[name];
    if (value !== undefined) attributes[name] = attributeText(value);
  }
  try {
    await broker.sqs('CreateQueue', { QueueName: identity.name, Attributes: attributes });
  } catch (error) {
    if (!(error instanceof AwsError) || !error.code.includes('QueueNameExists')) throw error;
    // FifoQueue cannot change, and is part of the name.
    const { FifoQueue: _, ...settable } = attributes;
    await broker.sqs('SetQueueAttributes', { QueueUrl: identity.ref, Attributes: settable });
  }
}

/** Creates a topic of the template. What is published to it is logged; nobody is mailed. */
export async function deployTopic(broker: MessageBroker, { identity }: DeployedResource): Promise<void> {
  await broker.sns({ Action: 'CreateTopic', Name: identity.name });
}

/** Subscribes a queue to a topic. @returns what is not imitated, when the subscriber is none */
export async function deploySubscription(
  broker: MessageBroker,
  { properties, logicalId }: DeployedResource,
): Promise<string | undefined> {
  const protocol = scalarText(properties['Protocol'], logicalId);
  if (protocol !== 'sqs') return `${logicalId}: subscriptions by ${protocol}`;
  await broker.sns({
    Action: 'Subscribe',
    Protocol: protocol,
    TopicArn: scalarText(properties['TopicArn'], logicalId),
    Endpoint: scalarText(properties['Endpoint'], logicalId),
    ...(properties['RawMessageDelivery'] === true
      ? { 'Attributes.entry.1.key': 'RawMessageDelivery', 'Attributes.entry.1.value': 'true' }
      : {}),
  });
  return undefined;
}

function attributeText(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
