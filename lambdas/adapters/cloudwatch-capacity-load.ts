import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CapacityPlan } from '../contracts/capacity.ts';
import type { CacheLoad, WorkersLoad } from '../ports/capacity-load.ts';
import { newestOf, type Wanted } from './cloudwatch-newest.ts';

const SECONDS_A_VALUE = 60;

/** What CloudWatch knows of the tasks in queues, and of the database. */
export function createCloudWatchWorkersLoad(
  client: CloudWatchClient,
  { workers, database }: Pick<CapacityPlan, 'workers' | 'database'>,
): WorkersLoad {
  return {
    async read(at, { queues, isDatabaseAsked }) {
      const asked = Object.entries(workers.queues).filter(([name]) => queues.includes(name));
      const ofDatabase = isDatabaseAsked ? wantedOfDatabase(database) : [];
      const value = await newestOf(client, [...asked.flatMap(wantedOfQueue), ...ofDatabase], at);
      const tasks = asked.map(([name]) => {
        const milliseconds = value(`${name}_duration`);
        const meanSeconds = milliseconds === null ? null : milliseconds / 1000;
        return [name, { oldestSeconds: value(`${name}_oldest`) ?? 0, meanSeconds }] as const;
      });
      return {
        tasks: Object.fromEntries(tasks),
        database: {
          writerCpu: value('writer_cpu'),
          readerCpu: value('reader_cpu'),
          capacity: value('writer_capacity'),
          pinned: value('pinned'),
        },
      };
    },
  };
}

/** What CloudWatch knows of the cache. */
export function createCloudWatchCacheLoad(client: CloudWatchClient, plan: CapacityPlan['cache']): CacheLoad {
  const wanted = wantedOfCache(plan);
  return {
    async read(at) {
      const value = await newestOf(client, wanted, at);
      const bytes = value('cache_bytes');
      const units = value('cache_units');
      return {
        gigabytes: bytes === null ? null : bytes / 1e9,
        unitsPerSecond: units === null ? null : units / SECONDS_A_VALUE,
      };
    },
  };
}

function wantedOfQueue([name, { queueName, functionName }]: [
  string,
  CapacityPlan['workers']['queues'][string],
]): Wanted[] {
  return [
    {
      id: `${name}_oldest`,
      namespace: 'AWS/SQS',
      metric: 'ApproximateAgeOfOldestMessage',
      dimensions: { QueueName: queueName },
      statistic: 'Maximum',
    },
    {
      id: `${name}_duration`,
      namespace: 'AWS/Lambda',
      metric: 'Duration',
      dimensions: { FunctionName: functionName },
      statistic: 'Average',
      // There may be few tasks.
      isSlow: true,
    },
  ];
}

function wantedOfDatabase({ cluster, hasReaders, proxy }: CapacityPlan['database']): Wanted[] {
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

function wantedOfCache({ name }: CapacityPlan['cache']): Wanted[] {
  const of = (id: string, metric: string, statistic: Wanted['statistic']): Wanted => ({
    id,
    namespace: 'AWS/ElastiCache',
    metric,
    dimensions: { clusterId: name },
    statistic,
  });
  return [
    of('cache_bytes', 'BytesUsedForCache', 'Maximum'),
    of('cache_units', 'ElastiCacheProcessingUnits', 'Sum'),
  ];
}
