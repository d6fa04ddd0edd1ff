import { Duration, Stack } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Rule } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { METRICS, type MetricName } from '../../lambdas/contracts/metric-names.ts';
import type { Stage } from '../config/stage.ts';
import { MOST_METRICS, sumOf } from '../constructs/metric-sum.ts';
import { type AlarmText, OperationalAlarm } from '../constructs/operational-alarm.ts';
import type { ServiceFunction } from '../constructs/service-function.ts';
import { SYSTEM_ALARM_TEXTS } from './system-alarm-texts.ts';

export interface SystemAlarmsProps {
  readonly stage: Stage;
  readonly functions: readonly ServiceFunction[];
  readonly rules: readonly Rule[];
  readonly alerts: ITopic;
}

interface Watched {
  readonly metric: IMetric;
  readonly threshold?: number;
  /** So many of so many periods. */
  readonly datapoints: readonly [number, number];
  readonly part?: string;
}

const MINUTE = Duration.minutes(1);
/** What happens to one job the sweeper mends, or fails itself; this is for what goes on happening. */
const UPKEEP_PERIOD = Duration.minutes(5);
const UPKEEP_DATAPOINTS = [2, 6] as const;
const SHARE_OF_QUOTA = 0.9;
/** Percent of its memory beyond which a function rings. */
export const MEMORY_PERCENT = 80;

/** Alarms of what belongs to no stack alone: what the account allows, events, and what is tried again behind the scenes. */
export class SystemAlarms extends Construct {
  readonly #alerts: ITopic;

  constructor(scope: Construct, id: string, { stage, functions, rules, alerts }: SystemAlarmsProps) {
    super(scope, id);
    this.#alerts = alerts;
    this.watchConcurrency(stage);
    this.watchThrottles(functions);
    this.watchMemory(stage.deployment);
    this.watchEvents(rules);
    this.watchUpkeep(stage.deployment);
  }

  private watchConcurrency({ alarms }: Stage): void {
    this.watch('Concurrency', SYSTEM_ALARM_TEXTS.concurrency, {
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'ClaimedAccountConcurrency',
        period: MINUTE,
        statistic: Stats.MAXIMUM,
      }),
      threshold: SHARE_OF_QUOTA * alarms.accountConcurrency,
      datapoints: [10, 10],
    });
  }

  /** One alarm for as many functions as CloudWatch adds, stack by stack. */
  private watchThrottles(functions: readonly ServiceFunction[]): void {
    for (const stack of new Set(functions.map((service) => Stack.of(service)))) {
      const throttles = functions
        .filter((service) => Stack.of(service) === stack)
        .map((service) => service.function.metricThrottles({ period: MINUTE, statistic: Stats.SUM }));
      for (const [index, metrics] of inGroups(throttles).entries()) {
        const group = index === 0 ? '' : String(index + 1);
        this.watch(`Throttled${stack.node.id}${group}`, SYSTEM_ALARM_TEXTS.throttled, {
          metric: sumOf(metrics, { label: 'throttles', period: MINUTE }),
          datapoints: [5, 6],
          part: `${stack.node.id.toLowerCase()}${group}`,
        });
      }
    }
  }

  private watchMemory(namespace: string): void {
    this.watch('Memory', SYSTEM_ALARM_TEXTS.memory, {
      metric: new Metric({
        namespace,
        metricName: METRICS.memoryUsed,
        period: UPKEEP_PERIOD,
        statistic: Stats.MAXIMUM,
      }),
      threshold: MEMORY_PERCENT,
      datapoints: [2, 2],
    });
  }

  private watchEvents(rules: readonly Rule[]): void {
    const failed = rules.map(
      ({ ruleName }) =>
        new Metric({
          namespace: 'AWS/Events',
          metricName: 'FailedInvocations',
          dimensionsMap: { RuleName: ruleName },
          period: MINUTE,
          statistic: Stats.SUM,
        }),
    );
    for (const [index, metrics] of inGroups(failed).entries()) {
      this.watch(`Events${index === 0 ? '' : index + 1}`, SYSTEM_ALARM_TEXTS.events, {
        metric: sumOf(metrics, { label: 'failed invocations', period: MINUTE }),
        datapoints: [2, 10],
        ...(index > 0 && { part: String(index + 1) }),
      });
    }
  }

  private watchUpkeep(namespace: string): void {
    const watch = (id: string, text: AlarmText, metricName: MetricName) =>
      this.watch(id, text, {
        metric: new Metric({ namespace, metricName, period: UPKEEP_PERIOD, statistic: Stats.SUM }),
        datapoints: UPKEEP_DATAPOINTS,
      });
    watch('NotLoaded', SYSTEM_ALARM_TEXTS.notLoaded, METRICS.resultsNotLoaded);
    watch('NotJoined', SYSTEM_ALARM_TEXTS.notJoined, METRICS.uploadsNotJoined);
    watch('NotAnnounced', SYSTEM_ALARM_TEXTS.notAnnounced, METRICS.endsNotAnnounced);
  }

  private watch(id: string, text: AlarmText, { metric, threshold = 0, datapoints, part }: Watched): void {
    const [datapointsToAlarm, evaluationPeriods] = datapoints;
    new OperationalAlarm(this, id, {
      ...text,
      ...(part !== undefined && { part }),
      alerts: this.#alerts,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods,
      datapointsToAlarm,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

function inGroups<T>(metrics: readonly T[]): T[][] {
  const count = Math.ceil(metrics.length / MOST_METRICS);
  return Array.from({ length: count }, (_, index) =>
    metrics.slice(index * MOST_METRICS, (index + 1) * MOST_METRICS),
  );
}
