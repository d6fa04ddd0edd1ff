import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { METRICS, type MetricName, REQUEST_METRICS } from '../../lambdas/contracts/metric-names.ts';
import { API_OBJECTIVE, JOB_OBJECTIVE, STANDARD_JOB } from '../../lambdas/contracts/objectives.ts';
import type { Stage } from '../config/stage.ts';
import { WORK_QUEUE_NAMES, WORK_QUEUES, type WorkQueueName } from '../config/work-queues.ts';
import { BurnRate, type Measured } from '../constructs/burn-rate.ts';
import { type AlarmText, OperationalAlarm } from '../constructs/operational-alarm.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import { OBJECTIVE_ALARM_TEXTS } from './objective-texts.ts';

export interface ObjectivesProps {
  readonly stage: Stage;
  readonly api: RestApi;
  readonly queues: Readonly<Record<WorkQueueName, WorkQueue>>;
  readonly alerts: ITopic;
}

const MINUTE = Duration.minutes(1);
const QUARTER = { part: '15m', period: Duration.minutes(15) };
const HOUR = { part: '1h', period: Duration.hours(1) };
const DAY = { part: '24h', period: Duration.days(1) };

/** Ten errors of a day of ten requests an hour are an outage, one is an error. */
const FEWEST_ERRORS = 10;
/** Of what a message should wait at most; the alarms of the queues ring at half of it. */
const STUCK_FACTOR = 4;
/** Jobs are fewer than requests, and each matters more to whoever waits for it. */
const FEWEST_JOBS = 3;

/**
 * What users are promised, and whether it is kept. A budget that would be gone in two days pages, one that would be gone
 * in five pages later, and one that would last ten days is a ticket.
 */
export class Objectives extends Construct {
  constructor(scope: Construct, id: string, { stage, api, queues, alerts }: ObjectivesProps) {
    super(scope, id);
    const requests = requestsOf(api);
    new BurnRate(this, 'ApiErrorsFast', {
      text: OBJECTIVE_ALARM_TEXTS.apiErrorsFast,
      measured: requests,
      factor: 14.4,
      long: HOUR,
      short: { part: '5m', period: Duration.minutes(5) },
      alerts,
    });
    new BurnRate(this, 'ApiErrorsSlow', {
      text: OBJECTIVE_ALARM_TEXTS.apiErrorsSlow,
      measured: requests,
      factor: 6,
      long: { part: '6h', period: Duration.hours(6) },
      short: { part: '30m', period: Duration.minutes(30) },
      alerts,
    });
    const apiErrorsDaily = OBJECTIVE_ALARM_TEXTS.apiErrorsDaily;
    new BurnRate(this, 'ApiErrorsDaily', {
      text: apiErrorsDaily,
      measured: requests,
      factor: 3,
      long: DAY,
      alerts,
    });
    const jobs = jobsOf(stage);
    const text = OBJECTIVE_ALARM_TEXTS.jobsLate;
    new BurnRate(this, 'JobsLate', {
      text,
      measured: jobs,
      factor: 14.4,
      long: HOUR,
      short: QUARTER,
      alerts,
    });
    const jobsLateDaily = OBJECTIVE_ALARM_TEXTS.jobsLateDaily;
    new BurnRate(this, 'JobsLateDaily', {
      text: jobsLateDaily,
      measured: jobs,
      factor: 3,
      long: DAY,
      alerts,
    });
    this.watchQueues(queues, alerts);
    this.watchJobs(stage, alerts);
    this.watchLatency('Latency', stage, alerts, OBJECTIVE_ALARM_TEXTS.apiLatency, { of: 5, minutes: 3 });
    this.watchLatency('Slow', stage, alerts, OBJECTIVE_ALARM_TEXTS.apiSlow, { of: 15, minutes: 12 });
  }

  /** Jobs that never end are never counted, so what they wait for is watched. */
  private watchQueues(queues: ObjectivesProps['queues'], alerts: ITopic): void {
    for (const name of WORK_QUEUE_NAMES) {
      new OperationalAlarm(this, `Stuck-${name}`, {
        ...OBJECTIVE_ALARM_TEXTS.queuesStuck,
        part: name,
        alerts,
        metric: queues[name].queue.metricApproximateAgeOfOldestMessage({
          period: MINUTE,
          statistic: Stats.MAXIMUM,
        }),
        threshold: STUCK_FACTOR * WORK_QUEUES[name].promisedWaitSeconds,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 5,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
    }
  }

  private watchJobs({ deployment }: Stage, alerts: ITopic): void {
    new OperationalAlarm(this, 'JobsSlow', {
      ...OBJECTIVE_ALARM_TEXTS.jobsSlow,
      alerts,
      metric: new Metric({
        namespace: deployment,
        metricName: METRICS.standardJobSeconds,
        period: Duration.minutes(5),
        statistic: Stats.percentile(95),
      }),
      threshold: STANDARD_JOB.seconds,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private watchLatency(
    id: string,
    { deployment, alarms }: Stage,
    alerts: ITopic,
    text: AlarmText,
    { minutes, of }: { readonly minutes: number; readonly of: number },
  ): void {
    new OperationalAlarm(this, id, {
      ...text,
      alerts,
      // Not API Gateway's own, in which answers count that were held back on request.
      metric: new Metric({
        namespace: deployment,
        metricName: REQUEST_METRICS.latency,
        period: MINUTE,
        statistic: Stats.percentile(95),
      }),
      threshold: alarms.p95Milliseconds,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: of,
      datapointsToAlarm: minutes,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

/** Counted at API Gateway, which answers also when no function does. */
function requestsOf(api: RestApi): Measured {
  return {
    budgetPercent: API_OBJECTIVE.budgetPercent,
    bad: api.metricServerError({ statistic: Stats.SUM }),
    all: { expression: 'requests', metrics: { requests: api.metricCount({ statistic: Stats.SUM }) } },
    fewest: FEWEST_ERRORS,
    label: 'failed requests',
  };
}

/** Whose input was refused ended as it should. */
function jobsOf({ deployment }: Stage): Measured {
  const sum = (metricName: MetricName) =>
    new Metric({ namespace: deployment, metricName, statistic: Stats.SUM });
  return {
    budgetPercent: JOB_OBJECTIVE.budgetPercent,
    bad: sum(METRICS.jobsOffObjective),
    all: {
      expression: 'FILL(succeeded, 0) + FILL(failed, 0)',
      metrics: { succeeded: sum(METRICS.jobsSucceeded), failed: sum(METRICS.jobsFailed) },
    },
    fewest: FEWEST_JOBS,
    label: 'late or broken jobs',
  };
}
