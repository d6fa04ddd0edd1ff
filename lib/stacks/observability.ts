import { Duration } from 'aws-cdk-lib';
import { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { WorkQueueName } from '../config/work-queues.ts';
import type { AlertTopic } from '../constructs/alert-topic.ts';
import type { DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import { OperationalAlarm } from '../constructs/operational-alarm.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import type { ApiStack } from './api.ts';
import type { ResultsCache } from './cache.ts';
import { dashboardRows } from './dashboard/rows.ts';
import type { ResultsDatabase } from './database.ts';
import { Objectives } from './objectives.ts';
import { Pages } from './pages.ts';
import type { PipelineFunctions } from './pipeline-functions.ts';
import { StageStack, type StageStackProps } from './stage-stack.ts';
import { SystemAlarms } from './system-alarms.ts';
import type { WebhookDeliveries } from './webhook-deliveries.ts';

export interface ObservabilityStackProps extends StageStackProps {
  readonly alerts: AlertTopic;
  readonly pages: AlertTopic;
  readonly queues: Readonly<Record<WorkQueueName, WorkQueue>>;
  readonly undeliveredUploads: DeadLetterQueue;
  readonly functions: PipelineFunctions;
  readonly api: ApiStack;
  readonly database: ResultsDatabase;
  readonly webhooks: WebhookDeliveries;
  readonly cache: ResultsCache;
}

/**
 * What whoever is on call sees: the pages that wake them, what is promised and whether it is kept, and one dashboard. It
 * watches everything that was added to the app before it, and nothing depends on it.
 */
export class ObservabilityStack extends StageStack {
  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props.stage, {
      purpose: 'observability',
      description: 'CreativeDynamics: pages, objectives, dashboard',
      holdsData: false,
    });
    const { stage, alerts } = props;
    const functions = everyOne(scope, ServiceFunction);
    new SystemAlarms(this, 'System', { stage, functions, rules: everyOne(scope, Rule), alerts });
    new Objectives(this, 'Objectives', { stage, api: props.api.api, queues: props.queues, alerts });
    const alarms = everyOne(scope, OperationalAlarm);
    const topic = stage.alarms.page ? props.pages : undefined;
    const pages = new Pages(this, 'Pages', { alarms, topic });
    new Dashboard(this, 'Dashboard', {
      dashboardName: stage.deployment,
      defaultInterval: Duration.hours(3),
      widgets: dashboardRows({ ...props, alarms, pages: pages.all, allFunctions: functions }),
    });
  }
}

/** All constructs of a kind, so that what is added elsewhere is watched without being listed here. */
function everyOne<T extends Construct>(scope: Construct, kind: new (...args: never[]) => T): T[] {
  return scope.node.findAll().filter((construct): construct is T => construct instanceof kind);
}
