import { z } from 'zod';
import { AwsError } from '../../auth/errors.ts';
import type { SeriesValue, Value } from '../expression/value.ts';
import type { Metric, MetricStore } from '../metrics.ts';
import {
  checkReferences,
  dimensionsSchema,
  minuteOf,
  type Query,
  QueryValues,
  querySchema,
  readQuery,
} from '../queries.ts';
import { parseInput, timeSchema } from './input.ts';
import type { Output } from './wire.ts';

/** CloudWatch gives no more in one answer, and this has no pages. */
const MAX_POINTS = 100_800;
const MAX_QUERIES = 500;

const getDataSchema = z.looseObject({
  MetricDataQueries: z.array(querySchema).max(MAX_QUERIES),
  StartTime: timeSchema,
  EndTime: timeSchema,
  ScanBy: z.enum(['TimestampAscending', 'TimestampDescending']).default('TimestampDescending'),
});

/** `GetMetricData`: metrics and expressions over them. Times are of the timeline. */
export function getMetricData(store: MetricStore, given: unknown): Output {
  const { MetricDataQueries, StartTime, EndTime, ScanBy } = parseInput(getDataSchema, given);
  return refusing(() => {
    const queries = MetricDataQueries.map(readQuery);
    checkReferences(queries);
    const window = { start: minuteOf(StartTime), end: EndTime, aligned: true };
    checkSize(queries, EndTime - StartTime);
    const values = new QueryValues(store, queries, window);
    const results = queries
      .filter(({ returned }) => returned)
      .flatMap(({ id, label }) =>
        seriesOf(values.valueOf(id), id).map((series) => ({
          Id: id,
          Label: label,
          StatusCode: 'Complete',
          ...columns(series, ScanBy === 'TimestampAscending'),
        })),
      );
    return { MetricDataResults: results, Messages: [] };
  });
}

const getStatisticsSchema = z.looseObject({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: dimensionsSchema,
  StartTime: timeSchema,
  EndTime: timeSchema,
  Period: z.number().int().positive(),
  Statistics: z.array(z.string()).default([]),
  ExtendedStatistics: z.array(z.string()).default([]),
});

/** `GetMetricStatistics`: several statistics of one metric. */
export function getMetricStatistics(store: MetricStore, given: unknown): Output {
  const input = parseInput(getStatisticsSchema, given);
  const { Period: period, StartTime, EndTime: end } = input;
  const metric = { namespace: input.Namespace, name: input.MetricName, dimensions: input.Dimensions };
  const start = StartTime - (StartTime % (period * 1000));
  if ((end - start) / 1000 / period > MAX_POINTS) throw tooMany();
  const points = new Map<number, { values: Record<string, number>; extended: Record<string, number> }>();
  for (const statistic of [...input.Statistics, ...input.ExtendedStatistics]) {
    for (const { timestamp, value } of refusing(() =>
      store.query(metric, { statistic, period, start, end }),
    )) {
      const point = points.get(timestamp) ?? { values: {}, extended: {} };
      points.set(timestamp, point);
      (input.Statistics.includes(statistic) ? point.values : point.extended)[statistic] = value;
    }
  }
  return {
    Label: input.MetricName,
    Datapoints: [...points].map(([timestamp, { values, extended }]) => ({
      Timestamp: new Date(timestamp),
      ...values,
      ...(input.ExtendedStatistics.length > 0 && { ExtendedStatistics: extended }),
    })),
  };
}

const listSchema = z.looseObject({
  Namespace: z.string().nullish(),
  MetricName: z.string().nullish(),
  Dimensions: z.array(z.looseObject({ Name: z.string(), Value: z.string().nullish() })).default([]),
});

/** `ListMetrics`, all in one page. */
export function listMetrics(store: MetricStore, given: unknown): Output {
  const { Namespace, MetricName, Dimensions } = parseInput(listSchema, given);
  const found = store
    .list()
    .filter(
      ({ namespace, name, dimensions }) =>
        namespace === (Namespace ?? namespace) &&
        name === (MetricName ?? name) &&
        Dimensions.every(
          ({ Name, Value }) => Name in dimensions && (Value ?? dimensions[Name]) === dimensions[Name],
        ),
    );
  return { Metrics: found.map(metricOutput) };
}

const datumSchema = z.looseObject({
  MetricName: z.string().min(1),
  Dimensions: dimensionsSchema,
  Timestamp: timeSchema.nullish(),
  Value: z.number().nullish(),
  Values: z.array(z.number()).max(150).nullish(),
  Counts: z.array(z.number()).max(150).nullish(),
  StatisticValues: z
    .looseObject({ SampleCount: z.number(), Sum: z.number(), Minimum: z.number(), Maximum: z.number() })
    .nullish(),
});

const putSchema = z.looseObject({
  Namespace: z.string().min(1),
  MetricData: z.array(datumSchema).max(1000).default([]),
});

/** `PutMetricData`. */
export function putMetricData(store: MetricStore, given: unknown): Output {
  const { Namespace: namespace, MetricData } = parseInput(putSchema, given);
  if (namespace.startsWith('AWS/'))
    throw new AwsError(400, 'InvalidParameterValue', 'Namespaces that start with AWS/ are reserved.');
  for (const { MetricName, Dimensions, Timestamp, Value, Values, Counts, StatisticValues } of MetricData) {
    const metric = { namespace, name: MetricName, dimensions: Dimensions, timestamp: Timestamp ?? undefined };
    const value = Value ?? Values;
    if (value !== undefined && value !== null)
      store.record({ ...metric, value, counts: Counts ?? undefined });
    else if (StatisticValues !== undefined && StatisticValues !== null) {
      const { SampleCount: count, Sum: sum, Minimum: minimum, Maximum: maximum } = StatisticValues;
      store.recordStatistics({ ...metric, statistics: { count, sum, minimum, maximum } });
    } else throw new AwsError(400, 'MissingParameter', `${MetricName} has no value.`);
  }
  return {};
}

function seriesOf(value: Value, id: string): readonly SeriesValue[] {
  if (value.kind === 'series') return [value];
  if (value.kind === 'list') return value.members;
  throw new Error(`the expression ${id} is no time series`);
}

function columns({ values, start, period }: SeriesValue, ascending: boolean): Output {
  const points = values.flatMap((value, at) =>
    value === undefined ? [] : [{ time: new Date(start + at * period * 1000), value }],
  );
  if (!ascending) points.reverse();
  return { Timestamps: points.map(({ time }) => time), Values: points.map(({ value }) => value) };
}

function metricOutput({ namespace, name, dimensions }: Metric): Output {
  return {
    Namespace: namespace,
    MetricName: name,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  };
}

function checkSize(queries: readonly Query[], milliseconds: number): void {
  const points = queries.map((query) =>
    query.kind === 'statistic' ? milliseconds / 1000 / query.period : 0,
  );
  if (points.reduce((total, one) => total + one, 0) > MAX_POINTS) throw tooMany();
}

function tooMany(): AwsError {
  return new AwsError(400, 'InvalidParameterCombination', `That are more than ${MAX_POINTS} datapoints.`);
}

/** What is not imitated or wrong about a query is the caller's to know. */
function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw new AwsError(400, 'ValidationError', error instanceof Error ? error.message : String(error));
  }
}
