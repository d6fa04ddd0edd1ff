import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';
import type { CapacityPlan } from '../contracts/capacity.ts';
import type { QueueLoad } from '../domain/capacity/measures.ts';
import type { CapacityLoad } from '../ports/capacity-load.ts';

const MINUTE_SECONDS = 60;
/** How long tasks take is known from the last quarter of an hour, as there may be few of them. */
const DURATION_SECONDS = 5 * MINUTE_SECONDS;
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

type Statistic = 'Average' | 'Maximum' | 'Sum';

/** A metric, of which the newest value is wanted. */
interface Wanted {
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: Statistic;
  /** Whether older values do as well. */
  readonly isSlow?: boolean;
}

/** What CloudWatch knows of queues, workers, database and cache, in one call. */
export function createCloudWatchCapacityLoad(client: CloudWatchClient, plan: CapacityPlan): CapacityLoad {
  const queues = Object.entries(plan.workers.queues);
  const wanted = [...queues.flatMap(wantedOfQueue), ...wantedOfDatabase(plan), ...wantedOfCache(plan)];
  const queries = wanted.map(queryOf);
  const slow = new Set(wanted.filter(({ isSlow }) => isSlow).map(({ id }) => id));

  async function newest(at: number): Promise<(id: string) => number | null> {
    const answer = await client.send(
      new GetMetricDataCommand({
        MetricDataQueries: queries,
        StartTime: new Date(at - WINDOW_MS),
        EndTime: new Date(at),
        ScanBy: 'TimestampDescending',
      }),
    );
    const values = new Map<string, number>();
    for (const { Id, Timestamps, Values } of answerSchema.parse(answer).MetricDataResults) {
      const [time, value] = [Timestamps[0]?.getTime() ?? 0, Values[0]];
      if (value !== undefined && (slow.has(Id) || at - time <= FRESH_MS)) values.set(Id, value);
    }
    return (id) => values.get(id) ?? null;
  }

  return {
    async read(at) {
      const value = await newest(at);
      const bytes = value('cache_bytes');
      const units = value('cache_units');
      return {
        queues: Object.fromEntries(queues.map(([name]) => [name, loadOf(name, value)])),
        database: {
          writerCpu: value('writer_cpu'),
          readerCpu: value('reader_cpu'),
          capacity: value('writer_capacity'),
          pinned: value('pinned'),
        },
        cache: {
          gigabytes: bytes === null ? null : bytes / 1e9,
          unitsPerSecond: units === null ? null : units / MINUTE_SECONDS,
        },
      };
    },
  };
}

function loadOf(name: string, value: (id: string) => number | null): QueueLoad | null {
  const visible = value(`${name}_visible`);
  const inFlight = value(`${name}_in_flight`);
  const milliseconds = value(`${name}_duration`);
  if (visible === null && inFlight === null) return null;
  return {
    visible: visible ?? 0,
    inFlight: inFlight ?? 0,
    oldestSeconds: value(`${name}_oldest`) ?? 0,
    meanSeconds: milliseconds === null ? null : milliseconds / 1000,
  };
}

function wantedOfQueue([name, { queueName, functionName }]: [
  string,
  CapacityPlan['workers']['queues'][string],
]): Wanted[] {
  const of = (id: string, metric: string, statistic: Statistic): Wanted => ({
    id: `${name}_${id}`,
    namespace: 'AWS/SQS',
    metric,
    dimensions: { QueueName: queueName },
    statistic,
  });
  return [
    of('visible', 'ApproximateNumberOfMessagesVisible', 'Average'),
    of('in_flight', 'ApproximateNumberOfMessagesNotVisible', 'Average'),
    of('oldest', 'ApproximateAgeOfOldestMessage', 'Maximum'),
    {
      id: `${name}_duration`,
      namespace: 'AWS/Lambda',
      metric: 'Duration',
      dimensions: { FunctionName: functionName },
      statistic: 'Average',
      isSlow: true,
    },
  ];
}

function wantedOfDatabase({ database: { cluster, hasReaders, proxy } }: CapacityPlan): Wanted[] {
  const of = (id: string, metric: string, dimensions: Wanted['dimensions']): Wanted => ({
    id,
    namespace: 'AWS/RDS',
    metric,
    dimensions,
    statistic: 'Average',
  });
  const inRole = (Role: 'WRITER' | 'READER') => ({ DBClusterIdentifier: cluster, Role });
  return [
    of('writer_cpu', 'CPUUtilization', inRole('WRITER')),
    of('writer_capacity', 'ACUUtilization', inRole('WRITER')),
    ...(hasReaders ? [of('reader_cpu', 'CPUUtilization', inRole('READER'))] : []),
    ...(proxy === null
      ? []
      : [of('pinned', 'DatabaseConnectionsCurrentlySessionPinned', { ProxyName: proxy })]),
  ];
}

function wantedOfCache({ cache }: CapacityPlan): Wanted[] {
  const of = (id: string, metric: string, statistic: Statistic): Wanted => ({
    id,
    namespace: 'AWS/ElastiCache',
    metric,
    dimensions: { clusterId: cache.name },
    statistic,
  });
  return [
    of('cache_bytes', 'BytesUsedForCache', 'Maximum'),
    of('cache_units', 'ElastiCacheProcessingUnits', 'Sum'),
  ];
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
      Period: isSlow ? DURATION_SECONDS : MINUTE_SECONDS,
      Stat: statistic,
    },
  };
}
