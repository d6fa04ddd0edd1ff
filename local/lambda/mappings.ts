import type { DeployedResource } from '../assembly/deployment.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import type { Logs } from '../logs.ts';
import type { MessageBroker } from '../sqs/broker.ts';
import type { Timeline } from '../timeline.ts';
import type { FunctionDirectory } from './directory.ts';
import { eventSource } from './event-source.ts';
import type { LambdaFunction } from './function.ts';
import { EventSourceMapping } from './mapping.ts';
import { QueuePoller } from './queue-poller.ts';

export interface MappingsOptions {
  readonly resources: readonly DeployedResource[];
  readonly functions: FunctionDirectory;
  readonly authoriser: Authoriser;
  readonly broker: MessageBroker;
  readonly timeline: Timeline;
  readonly logs: Logs;
  /** Batches at a time of a mapping that sets no limit. */
  readonly defaultConcurrency: number;
}

interface Mappings {
  readonly mappings: readonly EventSourceMapping[];
  /** Those whose event source or function is not imitated, one line each. */
  readonly withoutSource: readonly string[];
}

// What Lambda needs of a queue on behalf of a function, and refuses to make a mapping without.
const POLLING = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/**
 * Sets the event source mappings of the templates up, without starting any.
 *
 * @throws Error where AWS would refuse one: a role that may not read its queue, a visibility timeout shorter than the
 *   function's
 */
export async function buildMappings(options: MappingsOptions): Promise<Mappings> {
  const { resources, functions, authoriser, broker, timeline, logs, defaultConcurrency } = options;
  const queues = new Map(
    resources
      .filter(({ type }) => type === 'AWS::SQS::Queue')
      .map((queue) => [queue.identity.attributes?.['Arn'], queue]),
  );
  const mappings: EventSourceMapping[] = [];
  const withoutSource: string[] = [];
  for (const resource of resources.filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')) {
    const source = eventSource(resource);
    const { queueArn, functionName, settings } = source;
    const queue = queues.get(queueArn);
    const target = functions.find(functionName);
    if (queue === undefined || target === undefined) {
      withoutSource.push(`${resource.logicalId}: the event source ${queueArn}`);
      continue;
    }
    const { lambda, arn } = target;
    await checkMapping(resource, queue, lambda, authoriser);
    const { name, reservedConcurrency } = lambda.configuration;
    const invoke = (payload: string) => lambda.invokeForQueue(payload, arn);
    const free = () => lambda.freeForQueue();
    const queueUrl = queue.identity.ref;
    const polled = { queueArn, queueUrl, broker, invoke, free, log: logs.of(name), defaultConcurrency };
    const poller = new QueuePoller(polled, settings);
    const uuid = resource.identity.ref;
    mappings.push(new EventSourceMapping({ uuid, source, poller, reservedConcurrency, timeline }));
  }
  return { mappings, withoutSource };
}

async function checkMapping(
  { logicalId }: DeployedResource,
  queue: DeployedResource,
  { configuration }: LambdaFunction,
  authoriser: Authoriser,
): Promise<void> {
  const resource = queue.identity.attributes?.['Arn'] ?? '';
  for (const action of POLLING) {
    if (await authoriser.roleMay(configuration.role, { action, resource })) continue;
    throw new Error(
      `${logicalId}: the role ${configuration.role} does not have permission to call ${action} on ${resource}.`,
    );
  }
  const visibility = Number(queue.properties['VisibilityTimeout'] ?? 30);
  if (visibility >= configuration.timeoutSeconds) return;
  throw new Error(
    `${logicalId}: the visibility timeout of ${queue.logicalId} (${visibility} s) is less than the function timeout (${configuration.timeoutSeconds} s).`,
  );
}
