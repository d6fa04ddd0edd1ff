import { Duration } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  Metric,
  type MetricOptions,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { DatabaseCluster, DatabaseProxy } from 'aws-cdk-lib/aws-rds';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { DATABASE_TARGETS } from '../../lambdas/contracts/capacity.ts';
import type { Stage } from '../config/stage.ts';
import { type AlarmText, OperationalAlarm } from '../constructs/operational-alarm.ts';

const MINUTE = Duration.minutes(1);
const GIBIBYTES_PER_UNIT = 2;
/** Aurora allows some 210 for each unit of the maximum. */
const CONNECTIONS_PER_UNIT = 200;

/** What all alarms here share: five minutes in a row, and a cluster that sleeps has no metrics. */
const SUSTAINED = {
  evaluationPeriods: 5,
  treatMissingData: TreatMissingData.NOT_BREACHING,
} as const;

/** Alarms of a cluster. Its metrics are relative to the largest it may become, not to what it is now. */
export function watchCluster(cluster: DatabaseCluster, stage: Stage, alerts: ITopic): OperationalAlarm[] {
  const { maxCapacity, readers } = stage.database;
  const above = ComparisonOperator.GREATER_THAN_THRESHOLD;
  const watch = (
    id: string,
    text: AlarmText,
    metric: Metric,
    threshold: number,
    comparisonOperator = above,
  ) =>
    new OperationalAlarm(cluster, id, {
      ...SUSTAINED,
      ...text,
      alerts,
      metric,
      threshold,
      comparisonOperator,
    });
  const of = (metricName: string, role: Role, options?: MetricOptions) =>
    clusterMetric(cluster, metricName, role, options);
  const alarms = [
    watch('AtCapacity', DATABASE_ALARM_TEXTS.capacity, of('ACUUtilization', 'WRITER'), 80),
    watch(
      'WriterBusy',
      DATABASE_ALARM_TEXTS.writerBusy,
      of('CPUUtilization', 'WRITER'),
      DATABASE_TARGETS.writerCpu,
    ),
    watch(
      'MemoryLow',
      DATABASE_ALARM_TEXTS.memory,
      of('FreeableMemory', 'WRITER', { statistic: Stats.MINIMUM }),
      0.1 * maxCapacity * GIBIBYTES_PER_UNIT * 2 ** 30,
      ComparisonOperator.LESS_THAN_THRESHOLD,
    ),
    watch(
      'ManyConnections',
      DATABASE_ALARM_TEXTS.connections,
      of('DatabaseConnections', 'WRITER', { statistic: Stats.MAXIMUM }),
      0.8 * maxCapacity * CONNECTIONS_PER_UNIT,
    ),
  ];
  if (readers.fixed === 0) return alarms;
  const lag = of('AuroraReplicaLag', 'READER', { statistic: Stats.MAXIMUM });
  return [...alarms, watch('ReadersLag', DATABASE_ALARM_TEXTS.lag, lag, 1000)];
}

type Role = 'WRITER' | 'READER';

/** A metric of the writer, or the mean of all readers, those that load added too; by the minute unless told otherwise. */
export function clusterMetric(
  cluster: DatabaseCluster,
  metricName: string,
  role: Role,
  options: MetricOptions = {},
): Metric {
  return new Metric({
    namespace: 'AWS/RDS',
    metricName,
    dimensionsMap: { DBClusterIdentifier: cluster.clusterIdentifier, Role: role },
    period: MINUTE,
    statistic: Stats.AVERAGE,
    ...options,
  });
}

/** Alarms of a proxy: how long a connection is waited for, and how many cannot be shared. */
export function watchProxy(proxy: DatabaseProxy, alerts: ITopic): OperationalAlarm[] {
  const watch = (id: string, text: AlarmText, metricName: string, threshold: number) =>
    new OperationalAlarm(proxy, id, {
      ...SUSTAINED,
      ...text,
      alerts,
      metric: new Metric({
        namespace: 'AWS/RDS',
        metricName,
        dimensionsMap: { ProxyName: proxy.dbProxyName },
        period: MINUTE,
        statistic: Stats.AVERAGE,
      }),
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    });
  return [
    // Microseconds.
    watch('BorrowingSlow', DATABASE_ALARM_TEXTS.borrowing, 'DatabaseConnectionsBorrowLatency', 100_000),
    watch(
      'Pinned',
      DATABASE_ALARM_TEXTS.pinned,
      'DatabaseConnectionsCurrentlySessionPinned',
      DATABASE_TARGETS.pinned,
    ),
  ];
}

const DATABASE_ALARM_TEXTS = {
  capacity: {
    impact:
      'The writer of the database is near the largest it may become, and storing results gets slower soon.',
    firstAction:
      'Look on the dashboard whether uploads explain it, then raise the maximum capacity of the stage.',
    runbook: 'database-capacity',
    severity: 'page',
  },
  writerBusy: {
    impact: 'The writer of the database computes all the time, so results are stored late.',
    firstAction: 'Look in Database Insights or pg_stat_activity which statement it is busy with.',
    runbook: 'database-writer-busy',
    severity: 'ticket',
  },
  memory: {
    impact: 'The writer of the database runs out of memory, and may restart with all its connections.',
    firstAction:
      'Raise the maximum capacity of the stage, then look for statements that sort or hash very much.',
    runbook: 'database-memory',
    severity: 'page',
  },
  connections: {
    impact: 'The database soon refuses connections, and whatever needs one fails.',
    firstAction: 'Look in pg_stat_activity whose connections these are, by their application name.',
    runbook: 'database-connections',
    severity: 'page',
  },
  lag: {
    impact: 'Readers show results more than a second after they were stored.',
    firstAction: 'Look whether the lagging reader is at its capacity, or one statement holds replication up.',
    runbook: 'database-lag',
    severity: 'ticket',
  },
  borrowing: {
    impact: 'Functions wait for the proxy to lend them a connection, and all they answer is late.',
    firstAction: 'Compare the connections of the database with the share that the proxy may open.',
    runbook: 'database-proxy-borrowing',
    severity: 'ticket',
  },
  pinned: {
    impact: 'Connections that the proxy cannot share use the database up, so others soon wait.',
    firstAction: 'Find the statement that pins in the log of the proxy: SET, a cursor, or one over 16 KB.',
    runbook: 'database-proxy-pinned',
    severity: 'ticket',
  },
} as const satisfies Record<string, AlarmText>;
