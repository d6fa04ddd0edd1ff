import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { imitatedServices, notImitated } from './assembly/coverage.ts';
import { type Deployment, planDeployment } from './assembly/deployment.ts';
import { type AssemblySource, loadAssembly } from './assembly/load.ts';
import { withoutEffect } from './assembly/without-effect.ts';
import { Credentials, type Principal } from './auth/credentials.ts';
import type { ScalableCapacity } from './autoscaling/capacity.ts';
import { openBackingServices } from './backing.ts';
import { embeddedMetrics } from './cloudwatch/embedded-metrics.ts';
import { MetricStore } from './cloudwatch/metrics.ts';
import { buildCompute } from './compute.ts';
import { deployCustomResources } from './custom-resources/deploy.ts';
import { holdDataDirectory } from './data-directory.ts';
import { Front } from './front/server.ts';
import { deployGateway, openGateway } from './gateway/deploy.ts';
import { Authoriser } from './iam/authoriser.ts';
import { collectPolicies } from './iam/policies.ts';
import { aliasCapacities } from './lambda/alias-capacity.ts';
import { Logs } from './logs.ts';
import { buildMonitoring } from './monitoring.ts';
import { type Observation, observe } from './observation.ts';
import { closeDataServices, deployData, openDataServices } from './services.ts';
import { endFunctions, runUnattended, serveAws } from './serving.ts';
import { topicsOf } from './sqs/topics.ts';
import { Timeline } from './timeline.ts';
import { addTestToken } from './tokens.ts';
import { toolEnvironment } from './tool-environment.ts';

export interface LocalCloudOptions extends AssemblySource {
  /** Where everything is kept; `.local` by default. */
  readonly dataDirectory?: string;
  /** Ports to listen on, of the loopback interface, by default 4566 and 8080; 0 is any free one. */
  readonly ports?: { readonly aws?: number; readonly api?: number };
  /** Values of template parameters without a default. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Execution environments at a time, over all functions: so many for queues, events and callers each. AWS has 1,000. */
  readonly maxEnvironments?: number;
  /** How fast the time passes that metrics, alarms, schedules and scaling live in; 1 by default, as real time does. */
  readonly speed?: number;
  /** Told every log line, which also goes into a file. */
  readonly onLog?: (source: string, line: string) => void;
  /** Told what people should hear of: an alarm that rings, with what to do first, or is over, and what is scaled. */
  readonly onNews?: (line: string) => void;
  /** Ends a start that is under way, which then throws; a local cloud that is up is ended by its `stop`. */
  readonly signal?: AbortSignal;
}

export interface LocalCloud extends Observation {
  /** Base URL of all AWS services. */
  readonly endpoint: string;
  /** Base URL of the API's first stage; undefined when the templates have no API. */
  readonly apiEndpoint: string | undefined;
  /** What the AWS command line and SDKs need to be the developer here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly developer: Principal;
  /** The time that metrics, alarms, schedules and scaling live in: what CloudWatch is asked for is of it. */
  readonly timeline: Timeline;
  /** By stack name and output name. */
  readonly outputs: Deployment['outputs'];
  /** AWS services that the templates use and that are imitated. */
  readonly services: readonly string[];
  /** What the templates ask for that is not imitated, one line each. */
  readonly notImitated: readonly string[];
  /** Reason by type, of resources that are there and do nothing here. */
  readonly withoutEffect: Readonly<Record<string, string>>;
  /** Messages that a stop interrupted and that were handed out again at this start. */
  readonly resumedMessages: number;
  stop(): Promise<void>;
}

export const DEFAULT_AWS_PORT = 4566;
export const DEFAULT_API_PORT = 8080;

/**
 * Synthesises the CDK app and runs what was synthesised, without AWS.
 *
 * @throws Error when the app does not synthesise, a port or the data directory is in use, or AWS would refuse the
 *   deployment
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const dataDirectory = resolve(options.dataDirectory ?? '.local');
  const opened: (() => Promise<void>)[] = [];
  const stop = once(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });
  try {
    return await start(options, dataDirectory, opened, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: LocalCloudOptions,
  dataDirectory: string,
  opened: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<LocalCloud> {
  const letGo = holdDataDirectory(dataDirectory);
  opened.push(async () => letGo());
  const credentials = new Credentials(dataDirectory);
  const front = await Front.listen(options.ports?.aws ?? DEFAULT_AWS_PORT, credentials);
  opened.push(() => front.close());
  const timeline = new Timeline(options.speed);
  const metrics = new MetricStore(timeline);
  const logs = new Logs(join(dataDirectory, 'logs'), (source, line) => {
    for (const datum of embeddedMetrics(line)) metrics.record(datum);
    options.onLog?.(source, line);
  });
  opened.push(() => logs.close());
  front.onDefect = (error) =>
    logs.of('local-cloud')(error instanceof Error ? String(error.stack) : String(error));

  const assembly = await loadAssembly(options, join(dataDirectory, 'assembly'));
  options.signal?.throwIfAborted();
  const { endpoint } = front;
  const { stacks } = assembly;
  const gateway = await openGateway(stacks, options.ports?.api ?? DEFAULT_API_PORT);
  if (gateway !== undefined) opened.push(() => gateway.close());
  const backing = await openBackingServices({ stacks, dataDirectory, credentials, logs }, opened);
  const deployment = planDeployment(assembly, {
    endpoint,
    apiEndpoint: gateway?.endpoint,
    parameters: options.parameters ?? {},
    identify: (subject) => backing.flatMap((service) => service.identify(subject) ?? [])[0],
  });
  const { resources } = deployment;
  const policies = collectPolicies(deployment);
  const authoriser = new Authoriser(policies);
  const data = await openDataServices(dataDirectory);
  opened.push(() => closeDataServices(data));
  const unsupported = [...notImitated(resources), ...policies.unknown];
  for (const resource of resources)
    unsupported.push(...[await deployData(data, resource)].flatMap((line) => line ?? []));

  const scalable: ScalableCapacity[] = [];
  const backed = { resources, authoriser, timeline, services: front.services, scalable };
  for (const service of backing) unsupported.push(...(await service.deploy(backed)));
  options.signal?.throwIfAborted();

  const { broker } = data;
  const maxEnvironments = options.maxEnvironments ?? Math.max(4, 2 * availableParallelism());
  const compute = await buildCompute({
    assembly,
    deployment,
    endpoint,
    dataDirectory,
    credentials,
    authoriser,
    broker,
    maxEnvironments,
    timeline,
    metrics,
    logs,
  });
  const functions = compute.directory;
  const topics = topicsOf(resources, logs.of('topics'));
  const { cloudwatch, scaling } = buildMonitoring({
    ...{ resources, timeline, store: metrics, broker, functions, authoriser, backing, topics, logs },
    capacities: [...scalable, ...aliasCapacities(compute.provisioned)],
    onNews: options.onNews ?? (() => undefined),
  });
  const monitored = { store: metrics, alarms: cloudwatch.alarms, authoriser };
  serveAws(front, { data, compute, authoriser, topics, cloudwatch: monitored, stacks, deployment, logs });
  if (gateway !== undefined)
    unsupported.push(
      ...deployGateway(gateway, { resources, functions, authoriser, metrics, timeline, logs }),
    );
  opened.push(() => endFunctions(compute));
  const log = logs.of('custom-resources');
  await deployCustomResources({ resources, functions, dataDirectory, log });
  options.signal?.throwIfAborted();
  await addTestToken({ endpoint, developer: credentials.developer, outputs: deployment.outputs });
  opened.push(runUnattended(compute, data, logs));
  scaling.start();
  unsupported.push(...scaling.notImitated, ...cloudwatch.notImitated());
  opened.push(cloudwatch.start());
  return {
    endpoint,
    apiEndpoint: gateway?.endpoint,
    environment: toolEnvironment(credentials.developer, endpoint),
    developer: credentials.developer,
    timeline,
    outputs: deployment.outputs,
    services: imitatedServices(resources),
    notImitated: [...unsupported, ...compute.notImitated],
    withoutEffect: withoutEffect(resources),
    resumedMessages: broker.resumed,
    ...observe(compute),
    stop,
  };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
