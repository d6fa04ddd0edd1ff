import { Duration } from 'aws-cdk-lib';
import { AlarmStatusWidget, Dashboard, GraphWidget, type IWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { WORK_QUEUE_NAMES, WORK_QUEUES, type WorkQueueName, workerCap } from '../config/work-queues.ts';
import type { DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import type { ServiceFunction } from '../constructs/service-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import type { ApiStack } from './api.ts';
import type { ResultsCache } from './cache.ts';
import { apiWidgets } from './dashboard/api.ts';
import { functionWidgets } from './dashboard/functions.ts';
import { jobWidgets } from './dashboard/jobs.ts';
import { webhookWidgets } from './dashboard/webhooks.ts';
import type { ResultsDatabase } from './database.ts';
import type { DatabaseSchema } from './database-schema.ts';
import type { PipelineFunctions } from './pipeline-functions.ts';
import type { Purge } from './purge.ts';
import { StageStack, type StageStackProps } from './stage-stack.ts';
import type { StoreResults } from './store-results.ts';
import type { WebhookDeliveries } from './webhook-deliveries.ts';

export interface ObservabilityStackProps extends StageStackProps {
  readonly queues: Readonly<Record<WorkQueueName, WorkQueue>>;
  readonly undeliveredUploads: DeadLetterQueue;
  readonly functions: PipelineFunctions;
  readonly api: ApiStack;
  readonly database: ResultsDatabase;
  readonly schema: DatabaseSchema;
  readonly storeResults: StoreResults;
  readonly purge: Purge;
  readonly webhooks: WebhookDeliveries;
  readonly cache: ResultsCache;
}

const MINUTE = { period: Duration.minutes(1), statistic: Stats.MAXIMUM } as const;

/** One page that shows how the system is doing. It watches every other stack, and nothing depends on it. */
export class ObservabilityStack extends StageStack {
  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props.stage, {
      purpose: 'observability',
      description: 'CreativeDynamics: dashboard',
      holdsData: false,
    });
    const { queues, stage } = props;
    new Dashboard(this, 'Dashboard', {
      dashboardName: stage.deployment,
      defaultInterval: Duration.hours(3),
      widgets: [
        [alarms(props)],
        [...apiWidgets(props.api, stage.deployment)],
        [...jobWidgets(stage.deployment)],
        WORK_QUEUE_NAMES.map((name) => load(name, queues[name], workerCap(name, stage.workers.usual))),
        WORK_QUEUE_NAMES.map((name) => waiting(name, queues[name])),
        [failed(props), ...webhookWidgets(props.webhooks, stage.deployment)],
        [...functionWidgets(allFunctions(props))],
      ],
    });
  }
}

function alarms({
  queues,
  undeliveredUploads,
  functions,
  api,
  storeResults,
  purge,
  webhooks,
  database,
  cache,
}: ObservabilityStackProps): IWidget {
  return new AlarmStatusWidget({
    title: 'Alarms',
    width: 24,
    alarms: [
      ...WORK_QUEUE_NAMES.flatMap((name) => [queues[name].waitingTooLong, queues[name].deadLetters.notEmpty]),
      undeliveredUploads.notEmpty,
      ...functions.alarms,
      ...api.alarms,
      ...storeResults.alarms,
      ...purge.alarms,
      webhooks.workQueue.waitingTooLong,
      webhooks.workQueue.deadLetters.notEmpty,
      ...webhooks.deliver.alarms,
      ...database.alarms,
      ...cache.alarms,
    ],
  });
}

function allFunctions({
  functions,
  storeResults,
  purge,
  schema,
  webhooks,
  api,
}: ObservabilityStackProps): ServiceFunction[] {
  return [...functions.all, storeResults, purge, schema.migrate, webhooks.deliver, ...api.functions.all];
}

function load(name: WorkQueueName, { queue }: WorkQueue, cap: number): IWidget {
  return new GraphWidget({
    title: `${name}: waiting and in flight`,
    width: 8,
    left: [
      queue.metricApproximateNumberOfMessagesVisible({ ...MINUTE, label: 'waiting' }),
      queue.metricApproximateNumberOfMessagesNotVisible({ ...MINUTE, label: 'in flight' }),
    ],
    leftAnnotations: [{ value: cap, label: 'most workers' }],
    leftYAxis: { min: 0 },
  });
}

function waiting(name: WorkQueueName, { queue }: WorkQueue): IWidget {
  return new GraphWidget({
    title: `${name}: age of the oldest message`,
    width: 8,
    left: [queue.metricApproximateAgeOfOldestMessage({ ...MINUTE, label: 'oldest' })],
    leftAnnotations: [{ value: WORK_QUEUES[name].promisedWaitSeconds, label: 'promised' }],
    leftYAxis: { min: 0, label: 'seconds', showUnits: false },
  });
}

function failed({ queues, undeliveredUploads, webhooks }: ObservabilityStackProps): IWidget {
  return new GraphWidget({
    title: 'Dead letters',
    width: 8,
    left: [
      ...WORK_QUEUE_NAMES.map((name) =>
        queues[name].deadLetters.metricApproximateNumberOfMessagesVisible({ ...MINUTE, label: name }),
      ),
      webhooks.workQueue.deadLetters.metricApproximateNumberOfMessagesVisible({
        ...MINUTE,
        label: 'deliveries',
      }),
      undeliveredUploads.metricApproximateNumberOfMessagesVisible({
        ...MINUTE,
        label: 'undelivered uploads',
      }),
    ],
    leftYAxis: { min: 0 },
  });
}
