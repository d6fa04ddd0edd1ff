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

const PERIOD = Duration.minutes(1);
/** AWS advises to look after a cache that uses this share of what it may. */
const NEARLY = 0.75;

/**
 * Alarms of the cache: near the largest it may become, slowed down, or losing what it should keep. The limits of now are raised
 * when it nears them, and no alarm of a template could follow them; so people hear when there is nothing left to raise, and,
 * when the limits were not raised in time, of what that does.
 */
export function watchCache(cache: CfnServerlessCache, stage: Stage, alerts: ITopic): OperationalAlarm[] {
  const { gigabytes, unitsPerSecond } = stage.cache.most;
  const watched: Watched[] = [
    {
      id: 'NearlyFull',
      text: CACHE_ALARM_TEXTS.nearlyFull,
      metricName: 'BytesUsedForCache',
      statistic: Stats.MAXIMUM,
      threshold: NEARLY * gigabytes * 1e9,
    },
    {
      id: 'Busy',
      text: CACHE_ALARM_TEXTS.busy,
      metricName: 'ElastiCacheProcessingUnits',
      statistic: Stats.SUM,
      threshold: NEARLY * unitsPerSecond * PERIOD.toSeconds(),
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
          period: PERIOD,
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
      'The cache holds three quarters of the most it may; beyond that, answers that should come from it are computed again.',
    firstAction:
      'Look whether one tenant or one kind of value grows, or else raise the maximum of the stage.',
    runbook: 'cache-nearly-full',
    severity: 'ticket',
  },
  busy: {
    impact: 'The cache works at three quarters of the most it may; beyond that, it slows commands down.',
    firstAction:
      'Look whether one tenant or one kind of command grows, or else raise the maximum of the stage.',
    runbook: 'cache-busy',
    severity: 'ticket',
  },
  throttled: {
    impact:
      'The cache slows commands down, so functions stop waiting for it and compute what it would have had.',
    firstAction:
      'Compare its processing units with its limit of now, and see why that was not raised in time.',
    runbook: 'cache-throttled',
    severity: 'ticket',
  },
  evicting: {
    impact: 'The cache drops answers before they expire, so they are computed again.',
    firstAction: 'Compare what it holds with its limit of now, and see why that was not raised in time.',
    runbook: 'cache-evicting',
    severity: 'ticket',
  },
} as const satisfies Record<string, AlarmText>;
