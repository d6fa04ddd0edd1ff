import { Duration } from 'aws-cdk-lib';
import {
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  type IWidget,
  MathExpression,
  Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { METRICS, REQUEST_METRICS } from '../../../lambdas/contracts/metric-names.ts';

type OwnMetricName =
  | (typeof METRICS)[keyof typeof METRICS]
  | (typeof REQUEST_METRICS)[keyof typeof REQUEST_METRICS];

export const MINUTE = Duration.minutes(1);
export const PERIOD = Duration.minutes(5);

interface GraphProps extends GraphWidgetProps {
  /** What the left axis counts. */
  readonly unit?: string;
}

/** A graph that begins at zero; three stand beside each other. */
export function graph({ unit, ...props }: GraphProps): IWidget {
  const axis = { min: 0, ...(unit !== undefined && { label: unit, showUnits: false }) };
  return new GraphWidget({ width: 8, leftYAxis: axis, rightYAxis: { min: 0 }, ...props });
}

/** A heading over the rows that follow. */
export function heading(text: string): IWidget {
  return new TextWidget({ markdown: `## ${text}`, width: 24, height: 1 });
}

/** A metric that our functions send. */
export function own(namespace: string, metricName: OwnMetricName, statistic: string, label: string): IMetric {
  return new Metric({ namespace, metricName, statistic, label, period: PERIOD });
}

/** One line for each value of a dimension of one of our metrics, of those that there are. */
export function byDimension(
  namespace: string,
  dimension: string,
  metricName: OwnMetricName,
  statistic: string,
): IMetric {
  const schema = `{"${namespace}",${dimension}}`;
  return new MathExpression({
    expression: `SEARCH('${schema} MetricName="${metricName}"', '${statistic}', ${PERIOD.toSeconds()})`,
    usingMetrics: {},
    label: '',
    period: PERIOD,
  });
}
