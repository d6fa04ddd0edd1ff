import type { DeployedResource, Deployment } from './assembly/deployment.ts';
import type { Assembly } from './assembly/read.ts';
import type { Credentials } from './auth/credentials.ts';
import { EventRouter } from './events/router.ts';
import { Delivery } from './events/targets.ts';
import type { Authoriser } from './iam/authoriser.ts';
import { functionConfiguration } from './lambda/configuration.ts';
import { FunctionDirectory } from './lambda/directory.ts';
import { LambdaFunction } from './lambda/function.ts';
import { eventSource, QueuePoller } from './lambda/queue-poller.ts';
import { Slots } from './lambda/slots.ts';
import type { Logs } from './logs.ts';
import type { MessageBroker } from './sqs/broker.ts';

export interface ComputeOptions {
  readonly assembly: Assembly;
  readonly deployment: Deployment;
  readonly endpoint: string;
  /** What the servers on this machine show, and functions trust. */
  readonly certificateFile: string;
  readonly credentials: Credentials;
  readonly authoriser: Authoriser;
  readonly broker: MessageBroker;
  readonly maxEnvironments: number;
  readonly logs: Logs;
}

/** What runs: functions by name, what polls queues for them, and what routes events to them. */
export interface Compute {
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  /** The same by everything else that names them. */
  readonly directory: FunctionDirectory;
  readonly pollers: readonly QueuePoller[];
  readonly router: EventRouter;
  /** What of rules and mappings is not imitated, one line each. */
  readonly notImitated: readonly string[];
}

// What Lambda needs of a queue on behalf of a function, and refuses to make a mapping without.
const POLLING = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/**
 * Sets functions, event source mappings, rules and schedules up, without starting any.
 *
 * @throws Error where AWS would refuse the deployment: a role that may not read its queue, a visibility timeout
 *   shorter than the function's
 */
export async function buildCompute(options: ComputeOptions): Promise<Compute> {
  const { deployment, assembly, endpoint, credentials, authoriser, broker, logs } = options;
  const { resources } = deployment;
  const account = {
    forEvents: new Slots(options.maxEnvironments),
    forCallers: new Slots(options.maxEnvironments),
  };
  const functions = new Map<string, LambdaFunction>();
  for (const resource of resources.filter(({ type }) => type === 'AWS::Lambda::Function')) {
    const configuration = functionConfiguration(resource, assembly, options.certificateFile);
    const principal = credentials.ofFunction(configuration.name, configuration.role);
    const log = logs.of(configuration.name);
    functions.set(
      configuration.name,
      new LambdaFunction({ configuration, principal, endpoint, account, log }),
    );
  }
  const queues = new Map(
    resources
      .filter(({ type }) => type === 'AWS::SQS::Queue')
      .map((queue) => [queue.identity.attributes?.['Arn'], queue]),
  );
  const directory = new FunctionDirectory(functions.values(), resources);
  const delivery = new Delivery({
    broker,
    authoriser,
    functions: directory,
    queueUrl: (arn) => queues.get(arn)?.identity.ref,
    log: logs.of('events'),
  });
  const router = new EventRouter(delivery, authoriser, logs.of('events'));
  const pollers: QueuePoller[] = [];
  const notImitated: string[] = [];
  for (const resource of resources) {
    if (resource.type === 'AWS::Events::Rule') notImitated.push(...router.addRule(resource));
    if (resource.type === 'AWS::Scheduler::Schedule') notImitated.push(...router.addSchedule(resource));
    if (resource.type !== 'AWS::Lambda::EventSourceMapping') continue;
    const source = eventSource(resource);
    const queue = queues.get(source.EventSourceArn);
    const target = directory.find(source.FunctionName);
    if (queue === undefined || target === undefined) {
      notImitated.push(`${resource.logicalId}: the event source ${source.EventSourceArn}`);
    } else if (source.Enabled) {
      const { lambda } = target;
      await checkMapping(resource, queue, lambda, authoriser);
      const log = logs.of(lambda.configuration.name);
      const queueUrl = queue.identity.ref;
      pollers.push(
        new QueuePoller({
          source,
          queueUrl,
          broker,
          lambda,
          log,
          defaultConcurrency: account.forEvents.limit,
        }),
      );
    }
  }
  return { functions, directory, pollers, router, notImitated };
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
