import { join } from 'node:path';
import type { Deployment } from './assembly/deployment.ts';
import type { Assembly } from './assembly/read.ts';
import type { Credentials } from './auth/credentials.ts';
import type { MetricStore } from './cloudwatch/metrics.ts';
import { FunctionMeter } from './cloudwatch/sources/functions.ts';
import { deliveryMeter } from './cloudwatch/sources/rules.ts';
import { EventRouter } from './events/router.ts';
import { Delivery } from './events/targets.ts';
import type { Authoriser } from './iam/authoriser.ts';
import { functionConfiguration } from './lambda/configuration.ts';
import { FunctionDirectory } from './lambda/directory.ts';
import { type AccountConcurrency, LambdaFunction } from './lambda/function.ts';
import type { EventSourceMapping } from './lambda/mapping.ts';
import { buildMappings } from './lambda/mappings.ts';
import type { ProvisionedConcurrency } from './lambda/provisioned-concurrency.ts';
import { provisionAliases } from './lambda/provisioning.ts';
import { Slots } from './lambda/slots.ts';
import type { Logs } from './logs.ts';
import type { MessageBroker } from './sqs/broker.ts';
import type { Timeline } from './timeline.ts';
import { loopbackCertificate } from './tls/certificate.ts';

export interface ComputeOptions {
  readonly assembly: Assembly;
  readonly deployment: Deployment;
  readonly endpoint: string;
  readonly dataDirectory: string;
  readonly credentials: Credentials;
  readonly authoriser: Authoriser;
  readonly broker: MessageBroker;
  readonly maxEnvironments: number;
  readonly timeline: Timeline;
  readonly metrics: MetricStore;
  readonly logs: Logs;
}

/** What runs: functions by name, what takes queues to them, and what routes events to them. */
export interface Compute {
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  /** The same by everything else that names them. */
  readonly directory: FunctionDirectory;
  readonly mappings: readonly EventSourceMapping[];
  /** By resource id of Application Auto Scaling. */
  readonly provisioned: ReadonlyMap<string, ProvisionedConcurrency>;
  readonly router: EventRouter;
  /** What of rules and mappings is not imitated, one line each. */
  readonly notImitated: readonly string[];
}

/**
 * Sets functions, event source mappings, rules and schedules up, without starting any.
 *
 * @throws Error where AWS would refuse the deployment: a role that may not read its queue, a visibility timeout
 *   shorter than the function's
 */
export async function buildCompute(options: ComputeOptions): Promise<Compute> {
  const { deployment, authoriser, broker, timeline, metrics, logs } = options;
  const { resources } = deployment;
  const account = {
    forQueues: new Slots(options.maxEnvironments),
    forEvents: new Slots(options.maxEnvironments),
    forCallers: new Slots(options.maxEnvironments),
  };
  const functions = buildFunctions(options, account);
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
    onDelivered: deliveryMeter(metrics),
    log: logs.of('events'),
  });
  const router = new EventRouter({ delivery, authoriser, timeline, log: logs.of('events') });
  const notImitated: string[] = [];
  for (const resource of resources) {
    if (resource.type === 'AWS::Events::Rule') notImitated.push(...router.addRule(resource));
    if (resource.type === 'AWS::Scheduler::Schedule') notImitated.push(...router.addSchedule(resource));
  }
  const defaultConcurrency = account.forQueues.limit;
  const polling = { resources, functions: directory, authoriser, broker, timeline, logs, defaultConcurrency };
  const { mappings, withoutSource } = await buildMappings(polling);
  notImitated.push(...withoutSource);
  const record = metrics.record.bind(metrics);
  const provisioned = provisionAliases({ resources, functions: directory, timeline, record });
  return { functions, directory, mappings, provisioned, router, notImitated };
}

function buildFunctions(options: ComputeOptions, account: AccountConcurrency): Map<string, LambdaFunction> {
  const { deployment, assembly, endpoint, credentials, timeline, metrics, logs, dataDirectory } = options;
  const files = {
    certificateFile: loopbackCertificate(dataDirectory).certificateFile,
    compileCache: join(dataDirectory, 'compile-cache'),
  };
  const functions = new Map<string, LambdaFunction>();
  for (const resource of deployment.resources.filter(({ type }) => type === 'AWS::Lambda::Function')) {
    const configuration = functionConfiguration(resource, assembly, files);
    const principal = credentials.ofFunction(configuration.name, configuration.role);
    const log = logs.of(configuration.name);
    const meter = new FunctionMeter(metrics, configuration.name, timeline);
    functions.set(
      configuration.name,
      new LambdaFunction({ configuration, principal, endpoint, account, meter, log }),
    );
  }
  return functions;
}
