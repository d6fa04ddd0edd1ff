import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnServerlessCache } from 'aws-cdk-lib/aws-elasticache';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Stage } from '../config/stage.ts';
import { type AlarmText, OperationalAlarm } from '../constructs/operational-alarm.ts';

interface Watched {
  readonly id: string;
  readonly text: AlarmText;
  readonly metricName: string;
  readonly statistic: string;
  readonly threshold: number;
}

/** Alarms of the cache: near its largest, slowed down, or losing what it should keep. */
export function watchCache(cache: CfnServerlessCache, stage: Stage, alerts: ITopic): OperationalAlarm[] {
  const bytes = stage.cache.usual.gigabytes * 1e9;
  const watched: Watched[] = [
    {
      id: 'NearlyFull',
      text: CACHE_ALARM_TEXTS.nearlyFull,
      metricName: 'BytesUsedForCache',
      statistic: Stats.MAXIMUM,
      threshold: 0.75 * bytes,
    },
    {
      id: 'Throttled',
      text: CACHE_ALARM_TEXTS.throttled,
      metricName: 'ThrottledCmds',
      statistic: Stats.SUM,
      threshold: 0,
    },
    {
      id: 'Evicting',
      text: CACHE_ALARM_TEXTS.evicting,
      metricName: 'Evictions',
      statistic: Stats.SUM,
      threshold: 0,
    },
  ];
  return watched.map(
    ({ id, text, threshold, ...metric }) =>
      new OperationalAlarm(cache, id, {
        ...text,
        alerts,
        metric: new Metric({
          namespace: 'AWS/ElastiCache',
          dimensionsMap: { clusterId: cache.ref },
          period: Duration.minutes(1),
          ...metric,
        }),
        threshold,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 5,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }),
  );
}

const CACHE_ALARM_TEXTS = {
  nearlyFull: {
    impact:
      'The cache is three quarters full; when it is full, answers that should come from it are computed again.',
    firstAction:
      'Look whether one tenant or one kind of value grows, or else raise the maximum of the stage.',
    runbook: 'cache-nearly-full',
    severity: 'ticket',
  },
  throttled: {
    impact:
      'The cache slows commands down, so functions stop waiting for it and compute what it would have had.',
    firstAction: 'Compare its processing units with the maximum of the stage, and raise that if it is load.',
    runbook: 'cache-throttled',
    severity: 'ticket',
  },
  evicting: {
    impact: 'The cache drops answers before they expire, so they are computed again.',
    firstAction: 'Treat it like a cache that is nearly full: find what grows, or raise the maximum.',
    runbook: 'cache-evicting',
    severity: 'ticket',
  },
} as const satisfies Record<string, AlarmText>;
