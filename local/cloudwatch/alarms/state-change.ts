import { ACCOUNT, REGION } from '../../account.ts';
import type { JsonObject } from '../../assembly/json.ts';
import type { AlarmDefinition, MetricAlarm } from './definition.ts';
import type { AlarmState } from './judge.ts';

export interface StateOfAlarm {
  readonly value: AlarmState;
  readonly reason: string;
  /** Milliseconds of the timeline. */
  readonly since: number;
}

/** What the action of an alarm is told: that its state changed, or, when it scales, that it still is the same. */
export interface AlarmStateChange {
  readonly alarm: AlarmDefinition;
  readonly state: StateOfAlarm;
  readonly previous: StateOfAlarm;
  /** Value of the newest datapoint, in units of the threshold; undefined when there is none, or of a composite alarm. */
  readonly value: number | undefined;
  /** Milliseconds of the timeline. */
  readonly time: number;
}

/** The event that Lambda functions get as the action of an alarm. */
export function functionEvent({ alarm, state, previous, time }: AlarmStateChange): JsonObject {
  return {
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: ACCOUNT,
    time: timeText(time),
    region: REGION,
    alarmData: {
      alarmName: alarm.name,
      state: stateEvent(state),
      previousState: stateEvent(previous),
      configuration: {
        description: alarm.description,
        ...(alarm.kind === 'metric' ? { metrics: metricsOf(alarm) } : { alarmRule: alarm.ruleText }),
      },
    },
  };
}

/** The message that a topic gets. */
export function topicMessage({ alarm, state, previous, time }: AlarmStateChange): {
  readonly subject: string;
  readonly message: string;
} {
  const message = {
    AlarmName: alarm.name,
    AlarmDescription: alarm.description,
    AWSAccountId: ACCOUNT,
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: timeText(time),
    Region: REGION,
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: alarm.actions.OK,
    AlarmActions: alarm.actions.ALARM,
    InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    ...(alarm.kind === 'metric' ? { Trigger: trigger(alarm) } : { AlarmRule: alarm.ruleText }),
  };
  // SNS takes no more.
  const subject = `${state.value}: "${alarm.name}" in ${REGION}`.slice(0, 100);
  return { subject, message: JSON.stringify(message) };
}

function stateEvent({ value, reason, since }: StateOfAlarm): JsonObject {
  return { value, reason, timestamp: timeText(since) };
}

function metricsOf({ queries, watched }: MetricAlarm): JsonObject[] {
  return queries.map((query) => ({
    id: query.id,
    returnData: query.id === watched,
    ...(query.kind === 'statistic' && {
      metricStat: {
        metric: {
          namespace: query.metric.namespace,
          name: query.metric.name,
          dimensions: query.metric.dimensions,
        },
        period: query.period,
        stat: query.statistic,
      },
    }),
  }));
}

function trigger(alarm: MetricAlarm): JsonObject {
  return {
    Metrics: metricsOf(alarm),
    Period: alarm.period,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    ComparisonOperator: alarm.comparison,
    Threshold: alarm.threshold,
    TreatMissingData: alarm.treatMissingData,
  };
}

/** As CloudWatch writes times in what it sends: `2026-01-31T12:00:00.000+0000`. */
function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '+0000');
}
