import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import { LambdaAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  CAPACITY_PARTITION,
  type CapacityEnvironment,
  type CapacityPlan,
  CONTROLLER_SECONDS,
} from '../../lambdas/contracts/capacity.ts';
import { multiplierStep, type Stage } from '../config/stage.ts';
import { WORK_QUEUE_NAMES, WORK_QUEUES, type WorkQueueName } from '../config/work-queues.ts';
import { acknowledgeWildcard } from '../constructs/acknowledge-wildcard.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import type { ResultsCache } from './cache.ts';
import { CAPACITY_ALARM_TEXTS } from './capacity-alarm-texts.ts';
import { watchBacklog, watchBounds } from './capacity-alarms.ts';
import type { ResultsDatabase } from './database.ts';
import type { PipelineFunctions } from './pipeline-functions.ts';

export interface CapacityControllerProps {
  readonly stage: Stage;
  readonly queues: Readonly<Record<WorkQueueName, WorkQueue>>;
  readonly functions: PipelineFunctions;
  readonly jobsTable: TableV2;
  readonly database: ResultsDatabase;
  readonly cache: ResultsCache;
  readonly alerts: ITopic;
}

const MINUTE = Duration.minutes(1);

/**
 * Decides every minute how many workers each queue may have and what the cache may grow to, and sets it: event source
 * mappings and serverless caches are nothing that Application Auto Scaling knows. Alarms on work that waits call it at once.
 * It lives outside of the network, from where it reaches CloudWatch, Lambda and ElastiCache.
 *
 * A deployment sets the caps and limits back to what is usual, and what is set in between drifts from the template: both
 * are intended. Lambda takes a change of a mapping at once and makes it a while later.
 */
export class CapacityController extends ServiceFunction {
  constructor(scope: Construct, id: string, props: CapacityControllerProps) {
    const { stage, jobsTable } = props;
    const environment: CapacityEnvironment = {
      JOBS_TABLE: jobsTable.tableName,
      METRICS_NAMESPACE: stage.deployment,
      CAPACITY_PLAN: Stack.of(scope).toJsonString(planOf(props)),
    };
    super(scope, id, {
      entry: 'control-capacity',
      description: 'Decides how many workers there may be, and what the cache may grow to',
      timeout: Duration.seconds(CONTROLLER_SECONDS),
      memoryMiB: 256,
      environment,
      stage,
    });
    this.forgetLateRuns();
    this.allowAll(props);
    this.runRegularly();
    this.watchErrors(props.alerts, CAPACITY_ALARM_TEXTS.errors, 2);
    this.watchSilence(props.alerts, CAPACITY_ALARM_TEXTS.silent, Duration.minutes(15));
    this.alarms.push(...watchBounds(this, props));
    const act = new LambdaAction(this.function, { useUniquePermissionId: true });
    for (const name of WORK_QUEUE_NAMES) {
      const backlog = watchBacklog(this, name, props);
      this.alarms.push(backlog);
      backlog.addAlarmAction(act);
      props.queues[name].waitingTooLong.addAlarmAction(act);
    }
  }

  private allowAll({ functions, queues, jobsTable, cache }: CapacityControllerProps): void {
    this.allow(
      ['sqs:GetQueueAttributes'],
      WORK_QUEUE_NAMES.map((name) => queues[name].queue.queueArn),
    );
    this.allow(
      ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
      WORK_QUEUE_NAMES.map((name) => functions.sources[name].eventSourceMappingArn),
    );
    const cacheArn = Stack.of(this).formatArn({
      service: 'elasticache',
      resource: 'serverlesscache',
      resourceName: cache.name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.allow(['elasticache:DescribeServerlessCaches', 'elasticache:ModifyServerlessCache'], [cacheArn]);
    this.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        resources: [jobsTable.tableArn],
        conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [CAPACITY_PARTITION] } },
      }),
    );
    this.allow(['cloudwatch:GetMetricData'], ['*']);
    acknowledgeWildcard(
      this,
      '*',
      'Neither metrics nor traces are resources that a permission could be narrowed to.',
    );
  }

  /** An alarm that comes late is of no use to anybody, nor is a run that is made again: of a time that is over. */
  private forgetLateRuns(): void {
    this.function.configureAsyncInvoke({ maxEventAge: MINUTE, retryAttempts: 0 });
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaAsyncFailureDestination',
      reason:
        'A run that was not made, or failed, is made up for by the next minute’s, and alarms count failures.',
    });
  }

  private runRegularly(): void {
    const rule = new Rule(this, 'Controlling', {
      description: 'Look how much capacity is wanted',
      schedule: Schedule.rate(MINUTE),
      // What would be decided later is decided better by the next run.
      targets: [new LambdaFunction(this.function, { maxEventAge: MINUTE, retryAttempts: 0 })],
    });
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'A run that was not delivered is made up for by the next, and an alarm rings when none comes.',
    });
  }
}

function planOf({ stage, queues, functions, database, cache }: CapacityControllerProps): CapacityPlan {
  const { least, usual, most } = stage.workers;
  const queue = (name: WorkQueueName) => ({
    queueName: queues[name].queue.queueName,
    queueUrl: queues[name].queue.queueUrl,
    functionName: functions.workers[name].function.functionName,
    mapping: functions.sources[name].eventSourceMappingId,
    weight: WORK_QUEUES[name].weight,
    promisedWaitSeconds: WORK_QUEUES[name].promisedWaitSeconds,
  });
  return {
    workers: {
      least,
      usual,
      most,
      step: multiplierStep(stage.workers),
      queues: Object.fromEntries(WORK_QUEUE_NAMES.map((name) => [name, queue(name)])),
    },
    database: {
      cluster: database.cluster.clusterIdentifier,
      hasReaders: stage.database.readers.fixed > 0,
      proxy: database.proxyName ?? null,
    },
    cache: { name: cache.name, ...stage.cache },
  };
}
