import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';

const MINUTE_SECONDS = 60;
/** Periods of metrics of which there may be few values. */
const SLOW_SECONDS = 5 * MINUTE_SECONDS;
const WINDOW_MS = 15 * 60_000;
/** A value that is older says nothing of now. Metrics are told a minute or two after they were measured. */
const FRESH_MS = 5 * 60_000;

const answerSchema = z.object({
  MetricDataResults: z
    .array(
      z.object({
        Id: z.string(),
        StatusCode: z.enum(['Complete', 'PartialData']),
        Timestamps: z.array(z.date()).default([]),
        Values: z.array(z.number()).default([]),
      }),
    )
    .max(100),
});

/** A metric, of which the newest value of a minute is wanted. */
export interface Wanted {
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Average' | 'Maximum' | 'Sum';
  /** Whether older values, of five minutes, do as well. */
  readonly isSlow?: boolean;
}

/**
 * The newest values of metrics by their ids, in one call, or none where there is nothing to ask: each metric is paid for.
 *
 * @param at milliseconds since the epoch, by the clock of the metrics
 */
export async function newestOf(
  client: CloudWatchClient,
  wanted: readonly Wanted[],
  at: number,
): Promise<(id: string) => number | null> {
  if (wanted.length === 0) return () => null;
  const answer = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: wanted.map(queryOf),
      StartTime: new Date(at - WINDOW_MS),
      EndTime: new Date(at),
      ScanBy: 'TimestampDescending',
    }),
  );
  const slow = new Set(wanted.filter(({ isSlow }) => isSlow).map(({ id }) => id));
  const values = new Map<string, number>();
  for (const { Id, Timestamps, Values } of answerSchema.parse(answer).MetricDataResults) {
    const [time, value] = [Timestamps[0]?.getTime() ?? 0, Values[0]];
    if (value !== undefined && (slow.has(Id) || at - time <= FRESH_MS)) values.set(Id, value);
  }
  return (id) => values.get(id) ?? null;
}

function queryOf({ id, namespace, metric, dimensions, statistic, isSlow = false }: Wanted): MetricDataQuery {
  return {
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metric,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: isSlow ? SLOW_SECONDS : MINUTE_SECONDS,
      Stat: statistic,
    },
  };
}
