import { type IMetric, type IWidget, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS } from '../../../lambdas/contracts/metric-names.ts';
import type { Stage } from '../../config/stage.ts';
import type { ResultsCache } from '../cache.ts';
import type { ResultsDatabase } from '../database.ts';
import { clusterMetric } from '../database-alarms.ts';
import { graph, MINUTE, own, PERIOD } from './graph.ts';

/** What the cache saves, how long it takes, how often it is done without, and how near its limits it is. */
export function cacheWidgets({ name }: ResultsCache, { deployment, cache: { most } }: Stage): IWidget[][] {
  const of = (metricName: string, statistic: string, label: string): IMetric =>
    new Metric({
      namespace: 'AWS/ElastiCache',
      dimensionsMap: { clusterId: name },
      metricName,
      statistic,
      label,
      period: MINUTE,
    });
  const hits = new MathExpression({
    expression: '100 * FILL(hits, 0) / (FILL(hits, 0) + FILL(misses, 0))',
    usingMetrics: {
      hits: own(deployment, METRICS.cacheHits, Stats.SUM, 'hits'),
      misses: own(deployment, METRICS.cacheMisses, Stats.SUM, 'misses'),
    },
    label: 'answers that were there',
    period: PERIOD,
  });
  const seconds = (p: number) => own(deployment, METRICS.cacheSeconds, Stats.percentile(p), `p${p}`);
  const count = (metric: (typeof METRICS)['cacheFailures' | 'cacheBreaks'], label: string) =>
    own(deployment, metric, Stats.SUM, label);
  return [
    [
      graph({ title: 'Cache: hit rate', left: [hits], unit: '%' }),
      graph({ title: 'Cache: calls within', left: [seconds(50), seconds(95), seconds(99)], unit: 'seconds' }),
      graph({
        title: 'Cache: done without',
        left: [
          count(METRICS.cacheFailures, 'calls failed or not made'),
          count(METRICS.cacheBreaks, 'times given up'),
        ],
      }),
    ],
    [
      graph({
        title: 'Cache: processing units a second',
        left: [
          new MathExpression({
            expression: 'units / PERIOD(units)',
            usingMetrics: { units: of('ElastiCacheProcessingUnits', Stats.SUM, 'units') },
            label: 'used',
            period: MINUTE,
          }),
          own(deployment, METRICS.cacheUnitsAllowed, Stats.MAXIMUM, 'allowed'),
        ],
        leftAnnotations: [{ value: most.unitsPerSecond, label: 'most' }],
      }),
      graph({
        title: 'Cache: bytes',
        left: [
          of('BytesUsedForCache', Stats.MAXIMUM, 'used'),
          new MathExpression({
            expression: 'gigabytes * 1000000000',
            usingMetrics: {
              gigabytes: own(deployment, METRICS.cacheGigabytesAllowed, Stats.MAXIMUM, 'gigabytes'),
            },
            label: 'allowed',
            period: MINUTE,
          }),
        ],
        leftAnnotations: [{ value: most.gigabytes * 1e9, label: 'most' }],
      }),
      graph({
        title: 'Cache: slowed down, dropped',
        left: [
          of('ThrottledCmds', Stats.SUM, 'commands slowed down'),
          of('Evictions', Stats.SUM, 'values dropped early'),
        ],
      }),
    ],
  ];
}

/** How large the database is, how busy, and how long it lets wait. */
export function databaseWidgets({ cluster, proxyName }: ResultsDatabase, { database }: Stage): IWidget[][] {
  const writer = (metric: string, label: string, statistic: string = Stats.AVERAGE) =>
    clusterMetric(cluster, metric, 'WRITER', { statistic, label });
  const readers = (metric: string, label: string, statistic: string = Stats.AVERAGE) =>
    clusterMetric(cluster, metric, 'READER', { statistic, label });
  const hasReaders = database.readers.fixed > 0;
  const proxy = (metricName: string, label: string): IMetric =>
    new Metric({
      namespace: 'AWS/RDS',
      dimensionsMap: { ProxyName: proxyName ?? '' },
      metricName,
      label,
      period: MINUTE,
    });
  return [
    [
      graph({
        title: 'Database: capacity units',
        left: [
          writer('ServerlessDatabaseCapacity', 'writer'),
          ...(hasReaders ? [readers('ServerlessDatabaseCapacity', 'readers, mean')] : []),
        ],
        leftAnnotations: [{ value: database.maxCapacity, label: 'most' }],
      }),
      graph({
        title: 'Database: processors, in percent of the largest capacity',
        left: [
          writer('CPUUtilization', 'writer'),
          ...(hasReaders ? [readers('CPUUtilization', 'readers, mean')] : []),
        ],
        unit: '%',
      }),
      graph({
        title: 'Database: connections',
        left: [
          writer('DatabaseConnections', 'writer', Stats.MAXIMUM),
          ...(hasReaders ? [readers('DatabaseConnections', 'a reader', Stats.MAXIMUM)] : []),
        ],
      }),
    ],
    [
      graph({
        title: 'Database: memory left',
        left: [writer('FreeableMemory', 'writer', Stats.MINIMUM)],
        unit: 'bytes',
      }),
      ...(hasReaders
        ? [
            graph({
              title: 'Database: readers, and how far they are behind',
              left: [readers('AuroraReplicaLag', 'lag, ms', Stats.MAXIMUM)],
              // Each instance reports once a minute.
              right: [readers('CPUUtilization', 'number of readers', Stats.SAMPLE_COUNT)],
              rightAnnotations: [{ value: database.readers.most, label: 'most' }],
            }),
          ]
        : []),
      ...(proxyName === undefined
        ? []
        : [
            graph({
              title: 'Database proxy: wait for a connection',
              left: [proxy('DatabaseConnectionsBorrowLatency', 'borrowing, µs')],
              right: [proxy('DatabaseConnectionsCurrentlySessionPinned', 'pinned')],
            }),
          ]),
    ],
  ];
}
