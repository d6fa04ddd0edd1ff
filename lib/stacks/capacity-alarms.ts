import { Duration } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { DRAIN_TARGET_SECONDS } from '../../lambdas/contracts/capacity.ts';
import { METRICS, type MetricName } from '../../lambdas/contracts/metric-names.ts';
import type { Stage } from '../config/stage.ts';
import { WORK_QUEUES, type WorkQueueName } from '../config/work-queues.ts';
import { OperationalAlarm } from '../constructs/operational-alarm.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import { BACKLOG_TEXTS, CAPACITY_ALARM_TEXTS } from './capacity-alarm-texts.ts';
import type { PipelineFunctions } from './pipeline-functions.ts';

interface Watched {
  readonly stage: Stage;
  readonly queues: Readonly<Record<WorkQueueName, WorkQueue>>;
  readonly functions: PipelineFunctions;
  readonly alerts: ITopic;
}

const MINUTE = Duration.minutes(1);
const WATCH = {
  comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  treatMissingData: TreatMissingData.NOT_BREACHING,
} as const;
/** What passes by itself is no ticket. */
const SUSTAINED_MINUTES = 5;

/** Alarms for workers that should be more than there may be, and for those that the database cannot bear. */
export function watchBounds(scope: Construct, { stage, alerts }: Watched): OperationalAlarm[] {
  const sustained = { ...WATCH, alerts, evaluationPeriods: SUSTAINED_MINUTES };
  return [
    new OperationalAlarm(scope, 'AtMost', {
      ...sustained,
      ...CAPACITY_ALARM_TEXTS.atMost,
      metric: controllersMetric(stage, METRICS.capacityWanted, Stats.MAXIMUM),
      threshold: stage.workers.most,
    }),
    new OperationalAlarm(scope, 'HeldBack', {
      ...sustained,
      ...CAPACITY_ALARM_TEXTS.heldBack,
      metric: controllersMetric(stage, METRICS.capacityHeldBack, Stats.SUM),
      threshold: 0,
    }),
  ];
}

/**
 * The alarm for a queue that takes longer to drain than it should, by all the workers that there may be just then. In a
 * minute in which no task ended, tasks take as long as before: otherwise the alarm would be over whenever they are long.
 */
export function watchBacklog(
  scope: Construct,
  name: WorkQueueName,
  { stage, queues, functions, alerts }: Watched,
): OperationalAlarm {
  const average = { statistic: Stats.AVERAGE, period: MINUTE };
  const { queue } = queues[name];
  return new OperationalAlarm(scope, `Backlog-${name}`, {
    ...WATCH,
    ...BACKLOG_TEXTS[name],
    alerts,
    metric: new MathExpression({
      expression: `(waiting + handled) * FILL(milliseconds, REPEAT) / 1000 / (${WORK_QUEUES[name].weight} * FILL(multiplier, REPEAT))`,
      usingMetrics: {
        waiting: queue.metricApproximateNumberOfMessagesVisible(average),
        handled: queue.metricApproximateNumberOfMessagesNotVisible(average),
        milliseconds: functions.workers[name].function.metricDuration(average),
        multiplier: controllersMetric(stage, METRICS.capacityMultiplier, Stats.MAXIMUM),
      },
      label: 'seconds to drain',
      period: MINUTE,
    }),
    threshold: DRAIN_TARGET_SECONDS,
    evaluationPeriods: 3,
  });
}

function controllersMetric({ deployment }: Stage, metricName: MetricName, statistic: string): Metric {
  return new Metric({ namespace: deployment, metricName, statistic, period: MINUTE });
}
