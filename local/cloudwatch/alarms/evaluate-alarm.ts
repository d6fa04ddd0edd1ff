import type { MetricStore } from '../metrics.ts';
import { QueryValues } from '../queries.ts';
import { isBreaching, type MetricAlarm } from './definition.ts';
import { type AlarmState, judge, type Point, SPARE_PERIODS, significantSamples } from './judge.ts';

export interface Evaluation {
  /** Undefined when the state is kept. */
  readonly state: AlarmState | undefined;
  readonly reason: string;
  /** Of the newest datapoint. */
  readonly value: number | undefined;
}

const WORDS = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanOrEqualToThreshold: 'less than or equal to',
  LessThanThreshold: 'less than',
} as const;

/**
 * Evaluates an alarm over the periods before a time.
 *
 * @param end a whole minute of the timeline, in milliseconds
 */
export function evaluateAlarm(alarm: MetricAlarm, store: MetricStore, end: number): Evaluation {
  const { evaluationPeriods, period, queries, watched } = alarm;
  const start = end - (evaluationPeriods + SPARE_PERIODS) * period * 1000;
  const result = new QueryValues(store, queries, { start, end, aligned: false }).valueOf(watched);
  if (result.kind !== 'series') throw new Error('its expression is no time series');
  const { values } = result;
  const points = values.map((value): Point => {
    if (value === undefined) return 'missing';
    return isBreaching(alarm, value) ? 'breaching' : 'within';
  });
  const value = values.findLast((one) => one !== undefined);
  if (hasFewSamples(alarm, store, end))
    return { state: undefined, value, reason: 'Too few samples for a percentile.' };
  return { state: judge(points, alarm), value, reason: reasonOf(alarm, values, points) };
}

/** Whether a percentile among the last datapoints is of so few values that the alarm says nothing by it. */
function hasFewSamples(
  { ignoresLowSamples, queries, evaluationPeriods, period }: MetricAlarm,
  store: MetricStore,
  end: number,
): boolean {
  if (!ignoresLowSamples) return false;
  const start = end - evaluationPeriods * period * 1000;
  return queries.some((query) => {
    const percent = Number(/^p(.+)$/.exec(query.kind === 'statistic' ? query.statistic : '')?.[1]);
    if (query.kind !== 'statistic' || Number.isNaN(percent)) return false;
    const datapoints = store.query(query.metric, { statistic: query.statistic, period, start, end });
    return datapoints.some(({ samples }) => samples < significantSamples(percent));
  });
}

function reasonOf(
  { evaluationPeriods, comparison, threshold, treatMissingData }: MetricAlarm,
  values: readonly (number | undefined)[],
  points: readonly Point[],
): string {
  const recent = values.filter((value) => value !== undefined).slice(-evaluationPeriods);
  const missing = evaluationPeriods - recent.length;
  if (recent.length === 0)
    return `No datapoints were received for ${missing} periods; missing data is treated as ${treatMissingData}.`;
  const breaching = points
    .filter((point) => point !== 'missing')
    .slice(-evaluationPeriods)
    .filter((point) => point === 'breaching').length;
  const were = breaching === 1 ? 'was' : 'were';
  const absent = missing === 0 ? '' : ` ${missing} were missing, and treated as ${treatMissingData}.`;
  return `Threshold Crossed: ${breaching} of the last ${recent.length} datapoints [${recent.join(', ')}] ${were} ${WORDS[comparison]} the threshold (${threshold}).${absent}`;
}
