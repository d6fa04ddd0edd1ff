import { z } from 'zod';
import { AwsError } from '../../auth/errors.ts';
import type { AlarmStatus, Alarms } from '../alarms/alarms.ts';
import type { MetricAlarm } from '../alarms/definition.ts';
import { ALARM_STATES } from '../alarms/judge.ts';
import type { Query } from '../queries.ts';
import { parseInput } from './input.ts';
import type { Output } from './wire.ts';

const describeSchema = z.looseObject({
  AlarmNames: z.array(z.string()).nullish(),
  AlarmNamePrefix: z.string().default(''),
  AlarmTypes: z.array(z.enum(['MetricAlarm', 'CompositeAlarm'])).nullish(),
  StateValue: z.enum(ALARM_STATES).nullish(),
});

/** `DescribeAlarms`, all in one page. Without types only metric alarms, as on AWS. */
export function describeAlarms(alarms: Alarms, given: unknown): Output {
  const { AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue } = parseInput(describeSchema, given);
  const types = AlarmTypes ?? ['MetricAlarm'];
  const found = alarms
    .list()
    .filter(
      ({ definition, state }) =>
        (AlarmNames?.includes(definition.name) ?? true) &&
        definition.name.startsWith(AlarmNamePrefix) &&
        state.value === (StateValue ?? state.value),
    );
  const of = (kind: string, type: 'MetricAlarm' | 'CompositeAlarm') =>
    types.includes(type) ? found.filter(({ definition }) => definition.kind === kind).map(alarmOutput) : [];
  return { MetricAlarms: of('metric', 'MetricAlarm'), CompositeAlarms: of('composite', 'CompositeAlarm') };
}

const setStateSchema = z.looseObject({
  AlarmName: z.string(),
  StateValue: z.enum(ALARM_STATES),
  StateReason: z.string().max(1023),
});

/** `SetAlarmState`: until the next evaluation. */
export function setAlarmState(alarms: Alarms, given: unknown): Output {
  const { AlarmName, StateValue, StateReason } = parseInput(setStateSchema, given);
  if (alarms.set(AlarmName, StateValue, StateReason)) return {};
  throw new AwsError(404, 'ResourceNotFound', `There is no alarm ${AlarmName}.`);
}

const namesSchema = z.looseObject({ AlarmNames: z.array(z.string()).max(100) });

/** `EnableAlarmActions` and `DisableAlarmActions`. States are evaluated all the same. */
export function enableAlarmActions(alarms: Alarms, given: unknown, areEnabled: boolean): Output {
  alarms.switches.set(parseInput(namesSchema, given).AlarmNames, areEnabled);
  return {};
}

const historySchema = z.looseObject({ AlarmName: z.string().nullish() });

/** `DescribeAlarmHistory`: changes of states since the start, the newest first, some at most. */
export function describeAlarmHistory(alarms: Alarms, given: unknown): Output {
  const { AlarmName } = parseInput(historySchema, given);
  const changes = alarms.history.filter(({ alarm }) => alarm.name === (AlarmName ?? alarm.name));
  return {
    AlarmHistoryItems: changes.toReversed().map(({ alarm, state, previous, time }) => ({
      AlarmName: alarm.name,
      AlarmType: alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm',
      Timestamp: new Date(time),
      HistoryItemType: 'StateUpdate',
      HistorySummary: `Alarm updated from ${previous.value} to ${state.value}`,
      HistoryData: JSON.stringify({
        version: '1.0',
        oldState: stateData(previous),
        newState: stateData(state),
      }),
    })),
  };
}

function stateData({ value, reason }: AlarmStatus['state']): Output {
  return { stateValue: value, stateReason: reason };
}

function alarmOutput({ definition, state, actionsEnabled }: AlarmStatus): Output {
  const { name, arn, description, actions } = definition;
  return {
    AlarmName: name,
    AlarmArn: arn,
    AlarmDescription: description,
    ActionsEnabled: actionsEnabled,
    OKActions: actions.OK,
    AlarmActions: actions.ALARM,
    InsufficientDataActions: actions.INSUFFICIENT_DATA,
    StateValue: state.value,
    StateReason: state.reason,
    StateUpdatedTimestamp: new Date(state.since),
    StateTransitionedTimestamp: new Date(state.since),
    ...(definition.kind === 'metric' ? metricAlarmOutput(definition) : { AlarmRule: definition.ruleText }),
  };
}

function metricAlarmOutput(alarm: MetricAlarm): Output {
  const [only] = alarm.queries;
  const single = alarm.queries.length === 1 && only?.kind === 'statistic' ? only : undefined;
  return {
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    TreatMissingData: alarm.treatMissingData,
    ...(single === undefined
      ? { Metrics: alarm.queries.map((query) => queryOutput(query, alarm.watched)) }
      : {
          Namespace: single.metric.namespace,
          MetricName: single.metric.name,
          Dimensions: dimensionsOutput(single.metric.dimensions),
          Period: single.period,
          [single.statistic.startsWith('p') ? 'ExtendedStatistic' : 'Statistic']: single.statistic,
        }),
  };
}

function queryOutput(query: Query, watched: string): Output {
  const common = { Id: query.id, Label: query.label, ReturnData: query.id === watched };
  if (query.kind === 'expression') return { ...common, Expression: query.text };
  const { namespace, name, dimensions } = query.metric;
  return {
    ...common,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions: dimensionsOutput(dimensions) },
      Period: query.period,
      Stat: query.statistic,
    },
  };
}

function dimensionsOutput(dimensions: Readonly<Record<string, string>>): Output[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
