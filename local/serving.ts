import type { Deployment } from './assembly/deployment.ts';
import type { AssemblyStack } from './assembly/read.ts';
import { cloudformationFront } from './cloudformation/front.ts';
import { Stacks } from './cloudformation/stacks.ts';
import { type CloudWatchFrontOptions, cloudwatchFront } from './cloudwatch/api/front.ts';
import type { Compute } from './compute.ts';
import { Announcements } from './events/announcements.ts';
import type { Front } from './front/server.ts';
import { dynamodbFront, s3Front, snsFront, sqsFront } from './front/services.ts';
import type { Authoriser } from './iam/authoriser.ts';
import { lambdaFront } from './lambda/front.ts';
import type { Logs } from './logs.ts';
import { logsFront } from './logs-insights/front.ts';
import type { DataServices } from './services.ts';
import type { Topics } from './sqs/topics.ts';

export interface ServedAws {
  readonly data: DataServices;
  readonly compute: Compute;
  readonly authoriser: Authoriser;
  readonly topics: Topics;
  readonly cloudwatch: CloudWatchFrontOptions;
  readonly stacks: readonly AssemblyStack[];
  readonly deployment: Deployment;
  readonly logs: Logs;
}

/** Puts the services behind the AWS endpoint. */
export function serveAws(front: Front, served: ServedAws): void {
  const { data, compute, authoriser, topics, cloudwatch, stacks, deployment, logs } = served;
  const { s3, broker, tables } = data;
  front.services.set('s3', s3Front(s3, authoriser));
  front.services.set('sqs', sqsFront(broker, authoriser, front.endpoint));
  front.services.set('dynamodb', dynamodbFront(tables, authoriser));
  front.services.set(
    'lambda',
    lambdaFront({ functions: compute.directory, mappings: compute.mappings, authoriser }),
  );
  front.services.set('sns', snsFront(broker, authoriser, topics));
  front.services.set('monitoring', cloudwatchFront(cloudwatch));
  front.services.set('cloudformation', cloudformationFront(new Stacks(stacks, deployment), authoriser));
  front.services.set('logs', logsFront({ resources: deployment.resources, logs, authoriser }));
}

/** Ends every execution environment; what they were handling fails. */
export async function endFunctions({ functions }: Compute): Promise<void> {
  await Promise.all([...functions.values()].map((lambda) => lambda.end()));
}

/** Starts what runs by itself: event delivery, schedules, pollers. @returns how to stop it */
export function runUnattended(
  compute: Compute,
  { s3, broker }: DataServices,
  logs: Logs,
): () => Promise<void> {
  const { mappings, provisioned, router } = compute;
  const announcements = new Announcements(s3.store, router, logs.of('events'));
  announcements.start();
  router.startSchedules();
  for (const mapping of mappings) mapping.start();
  for (const concurrency of provisioned.values()) concurrency.start();
  return async () => {
    router.stop();
    for (const mapping of mappings) mapping.stop();
    for (const concurrency of provisioned.values()) concurrency.stop();
    await announcements.stop();
    await endFunctions(compute);
    // Ends the receive calls that wait for messages.
    await broker.close();
    await Promise.all(mappings.map((mapping) => mapping.ended()));
  };
}
