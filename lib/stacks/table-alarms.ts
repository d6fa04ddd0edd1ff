import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { sumOf } from '../constructs/metric-sum.ts';
import { type AlarmText, OperationalAlarm } from '../constructs/operational-alarm.ts';

const MINUTE = Duration.minutes(1);
/** What our functions call. */
const OPERATIONS = ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'];

/**
 * Alarms of a table: turned away, and failing inside. DynamoDB sends no zeros, and its alarms keep their state while data
 * is missing whatever they say: only a sum that is filled with zeros ends by itself.
 *
 * @param part what the table is called in names of alarms
 * @param indexes names of its global secondary indexes
 */
export function watchTable(
  table: TableV2,
  {
    part,
    indexes,
    alerts,
  }: { readonly part: string; readonly indexes: readonly string[]; readonly alerts: ITopic },
): void {
  const sum = { period: MINUTE, statistic: Stats.SUM };
  const throttles = ['ReadThrottleEvents', 'WriteThrottleEvents'].flatMap((metricName) => [
    table.metric(metricName, sum),
    ...indexes.map((index) =>
      table.metric(metricName, {
        ...sum,
        dimensionsMap: { TableName: table.tableName, GlobalSecondaryIndexName: index },
      }),
    ),
  ]);
  const failures = OPERATIONS.map((Operation) =>
    table.metric('SystemErrors', { ...sum, dimensionsMap: { TableName: table.tableName, Operation } }),
  );
  const watch = (id: string, text: AlarmText, metrics: readonly Metric[], label: string) =>
    new OperationalAlarm(table, id, {
      ...text,
      part,
      alerts,
      metric: sumOf(metrics, { label, period: MINUTE }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 6,
      datapointsToAlarm: 5,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  watch('Throttled', TABLE_ALARM_TEXTS.throttled, throttles, 'throttled');
  watch('Failing', TABLE_ALARM_TEXTS.failing, failures, 'system errors');
}

const TABLE_ALARM_TEXTS = {
  throttled: {
    impact: 'DynamoDB turns requests away for minutes, so the API answers late and workers try again.',
    firstAction: 'Look whether one key takes more than 1,000 writes a second, or the table grew by leaps.',
    runbook: 'tables-throttled',
    severity: 'ticket',
  },
  failing: {
    impact:
      'DynamoDB fails by itself for minutes, so requests are answered with 503 and jobs are tried again.',
    firstAction: 'Look at the AWS Health Dashboard for DynamoDB in this Region; ours is only to wait.',
    runbook: 'tables-failing',
    severity: 'ticket',
  },
} as const satisfies Record<string, AlarmText>;
