import type { CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { Alias } from 'aws-cdk-lib/aws-lambda';

/** Lambda gives a unit of concurrency 10 requests a second, however short they are. */
const REQUESTS_PER_UNIT_AND_MINUTE = 600;

/**
 * How much of what is provisioned is in use: 1 is all of it, more is what starts cold.
 *
 * A unit of provisioned concurrency takes one request at a time, *and* 10 a second. `u`, Lambda's own utilisation, is only
 * the first of the two: at 20 ms a request, 100 requests a second fill ten units although no more than two of them are
 * ever busy, and the next ones start cold at a utilisation of 0.2. The second is `inv ÷ (600 · units)`. No metric tells the
 * units, but u = e ÷ units does; so 1 ÷ units is u ÷ e. Where e is 0 the division has no result: nothing ran on what is
 * provisioned, because all of it is being set up or replaced, and that is no reason to ask for more.
 *
 * e: `ProvisionedConcurrentExecutions`, most of a minute; u: `ProvisionedConcurrencyUtilization`, most of a minute;
 * inv: `Invocations` of a minute, those that started cold among them.
 */
export const PROVISIONED_LOAD = `MAX([u, IF(e > 0, inv*u/(${REQUESTS_PER_UNIT_AND_MINUTE}*e), 0)])`;

const METRICS = {
  // Averages, the default, do not see a burst that is shorter than their minute.
  u: { metricName: 'ProvisionedConcurrencyUtilization', stat: 'Maximum' },
  e: { metricName: 'ProvisionedConcurrentExecutions', stat: 'Maximum' },
  inv: { metricName: 'Invocations', stat: 'Sum' },
} as const;

/** The load of an alias, as Application Auto Scaling takes it: a period is always a minute there. */
export function provisionedLoad({
  lambda,
  aliasName,
}: Pick<Alias, 'lambda' | 'aliasName'>): CfnScalingPolicy.TargetTrackingMetricDataQueryProperty[] {
  const dimensions = [
    { name: 'FunctionName', value: lambda.functionName },
    { name: 'Resource', value: `${lambda.functionName}:${aliasName}` },
  ];
  return [
    { id: 'load', expression: PROVISIONED_LOAD, label: 'Share of provisioned concurrency', returnData: true },
    ...Object.entries(METRICS).map(([id, { metricName, stat }]) => ({
      id,
      metricStat: { metric: { namespace: 'AWS/Lambda', metricName, dimensions }, stat },
      returnData: false,
    })),
  ];
}
