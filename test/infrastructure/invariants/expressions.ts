import { calculate } from '../metric-math.ts';
import { type Assembly, asList, at, type Json, resources } from '../template.ts';

/** CloudWatch takes no other. */
const ID = /^[a-z]\w*$/;

/**
 * What is computed of metrics, for alarms and for scaling: one series, from metrics that are named there, by functions
 * that give one. An alarm searches for nothing.
 */
export function expressionsAreKnown(assembly: Assembly): string[] {
  const alarms = resources(assembly, 'AWS::CloudWatch::Alarm').map(({ where, resource }) => ({
    where,
    metrics: asList(at(resource.Properties, 'Metrics')),
  }));
  const policies = resources(assembly, 'AWS::ApplicationAutoScaling::ScalingPolicy').map(
    ({ where, resource }) => ({
      where,
      metrics: asList(
        at(
          resource.Properties,
          'TargetTrackingScalingPolicyConfiguration',
          'CustomizedMetricSpecification',
          'Metrics',
        ),
      ),
    }),
  );
  return [...alarms, ...policies]
    .filter(({ metrics }) => metrics.length > 0)
    .flatMap(({ where, metrics }) => findingsOf(metrics).map((finding) => `${where} ${finding}`));
}

function findingsOf(metrics: readonly Json[]): string[] {
  const ids = metrics.map((metric) => String(at(metric, 'Id')));
  const findings = ids.filter((id) => !ID.test(id)).map((id) => `calls a metric ${id}`);
  if (new Set(ids).size < ids.length) findings.push('calls two metrics the same');
  const returned = metrics.filter((metric) => at(metric, 'ReturnData') !== false);
  if (returned.length !== 1) findings.push(`returns ${returned.length} series`);
  const ones = Object.fromEntries(ids.map((id) => [id, 1]));
  for (const expression of metrics.map((metric) => at(metric, 'Expression'))) {
    if (expression === undefined) continue;
    if (resultOf(String(expression), ones) === undefined) findings.push(`computes nothing by ${expression}`);
  }
  return findings;
}

function resultOf(expression: string, metrics: Readonly<Record<string, number>>): number | undefined {
  try {
    return calculate(expression, metrics);
  } catch {
    return undefined;
  }
}
