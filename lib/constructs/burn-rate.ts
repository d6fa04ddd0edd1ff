import type { Duration } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type AlarmText, OperationalAlarm } from './operational-alarm.ts';

/** What is counted against an objective. */
export interface Measured {
  /** What may go wrong, in percent of all. */
  readonly budgetPercent: number;
  /** Counts what went wrong; has no data while nothing did, or zeros. */
  readonly bad: IMetric;
  /** An expression of how many there were at all, and the metrics in it. */
  readonly all: { readonly expression: string; readonly metrics: Readonly<Record<string, IMetric>> };
  /** Less than so many in the long window are too few to speak of a share. */
  readonly fewest: number;
  readonly label: string;
}

export interface BurnRateProps {
  readonly text: AlarmText;
  readonly measured: Measured;
  /** How many times faster than the objective allows the budget is used up. */
  readonly factor: number;
  /** Over how long; long enough that it matters. */
  readonly long: Window;
  /** Over how long it has to go on still; short, so that it is over soon after its cause is. */
  readonly short?: Window;
  readonly alerts: ITopic;
}

interface Window {
  /** As names of alarms have it, such as `1h`. */
  readonly part: string;
  readonly period: Duration;
}

/**
 * Rings when an error budget is used up too fast. With a short window there are two alarms of which both have to ring: a
 * page takes them together.
 */
export class BurnRate extends Construct {
  constructor(scope: Construct, id: string, props: BurnRateProps) {
    super(scope, id);
    const { fewest } = props.measured;
    this.watch('Long', props, props.long, `IF(bad >= ${fewest}, SHARE, 0)`, TreatMissingData.NOT_BREACHING);
    if (props.short === undefined) return;
    // Where requests are rare there is none within some short windows. They are no sign that it is over: without this the
    // page would end and begin again with every failing request.
    this.watch('Short', props, props.short, 'SHARE', TreatMissingData.IGNORE);
  }

  private watch(
    id: string,
    { text, measured, factor, alerts }: BurnRateProps,
    { part, period }: Window,
    expression: string,
    treatMissingData: TreatMissingData,
  ): void {
    const { bad, all, budgetPercent, label } = measured;
    new OperationalAlarm(this, id, {
      ...text,
      part,
      alerts,
      metric: new MathExpression({
        expression: expression.replace('SHARE', `100 * bad / (${all.expression})`),
        usingMetrics: { bad, ...all.metrics },
        period,
        label: `${label} within ${part}, %`,
      }),
      threshold: Math.round(factor * budgetPercent * 1e6) / 1e6,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData,
    });
  }
}
