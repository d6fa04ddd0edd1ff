import type { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';

/** CloudWatch adds no more in the expression of an alarm. */
export const MOST_METRICS = 10;

/**
 * The sum of up to ten metrics, of which some may have no data. The newest minute counts as nothing until its data
 * arrives, so an alarm on this asks for fewer datapoints than periods.
 */
export function sumOf(metrics: readonly IMetric[], { label, period }: SumProps): MathExpression {
  const names = metrics.map((_, index) => `m${index}`);
  return new MathExpression({
    // A sum has no data where one of its terms has none.
    expression: names.map((name) => `FILL(${name}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    label,
    period,
  });
}

interface SumProps {
  readonly label: string;
  readonly period: Duration;
}
