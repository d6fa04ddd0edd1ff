import {
  type Assembly,
  asList,
  at,
  flatten,
  type Json,
  type LocatedResource,
  resources,
} from '../template.ts';
import { isScalingAlarm } from './scaling.ts';

const DESCRIPTION =
  /^Impact: [A-Z].{20,}\. First action: [A-Z].{20,}\. Severity: (page|ticket)\. Runbook: docs\/operations\.md#[a-z0-9-]+$/;
const ACTIONS = ['AlarmActions', 'OKActions'] as const;

/** Alarms of people, that is all but those that scale. */
export function operationalAlarms(assembly: Assembly): LocatedResource[] {
  return resources(assembly, 'AWS::CloudWatch::Alarm').filter((alarm) => !isScalingAlarm(alarm));
}

export function severityOf({ resource }: LocatedResource): string | undefined {
  return String(at(resource.Properties, 'AlarmDescription')).match(DESCRIPTION)?.[1];
}

/** Every alarm but those that scale says who is hurt and what to do first, and tells whom it should. */
export function alarmsAreActionable(assembly: Assembly): string[] {
  return operationalAlarms(assembly).flatMap((alarm) => {
    const { where, resource } = alarm;
    const severity = severityOf(alarm);
    const findings: string[] = [];
    if (severity === undefined)
      findings.push(`${where} does not say impact, first action, severity and runbook`);
    for (const actions of ACTIONS) {
      const tells = tellsTopic(assembly, alarm, 'Alerts', actions);
      if (severity === 'page' && tells) findings.push(`${where} wakes by itself (${actions})`);
      if (severity !== 'page' && !tells) findings.push(`${where} tells nobody (${actions})`);
    }
    if (at(resource.Properties, 'ActionsEnabled') === false) findings.push(`${where} is muted`);
    return findings;
  });
}

/** Whether one of the actions of an alarm is the topic of this name, from its own stack or another. */
export function tellsTopic(
  assembly: Assembly,
  { stack, resource }: LocatedResource,
  name: 'Alerts' | 'Pages',
  actions: (typeof ACTIONS)[number],
): boolean {
  const references = resources(assembly, 'AWS::SNS::Topic')
    .filter(({ logicalId }) => logicalId.startsWith(name))
    .flatMap((topic) => (topic.stack === stack ? [`\${${topic.logicalId}}`] : outputsOf(topic)));
  return asList(at(resource.Properties, actions)).some((action) => references.includes(flatten(action)));
}

function outputsOf({ stack, logicalId }: LocatedResource): string[] {
  return Object.entries(stack.template.Outputs)
    .filter(([, output]) => at(output.Value, 'Ref') === logicalId)
    .map(([name]) => `\${${stack.stackName}.${name}}`);
}

/** Every alarm says what missing data means: nothing is wrong, but where it is the sign that something stopped. */
export function alarmsKnowMissingData(assembly: Assembly): string[] {
  return operationalAlarms(assembly).flatMap((alarm) => {
    const { where, resource } = alarm;
    const { TreatMissingData: treatment } = resource.Properties;
    if (treatment === undefined) return [`${where} does not say what missing data means`];
    if (isHeartbeat(resource.Properties)) {
      return treatment === 'breaching' ? [] : [`${where} does not notice that nothing comes any more`];
    }
    // The short window of a burn rate, which rings only together with the long one, in which it is nothing wrong.
    const isShortWindow =
      treatment === 'ignore' && severityOf(alarm) === 'page' && isMath(resource.Properties);
    return treatment === 'notBreaching' || isShortWindow
      ? []
      : [`${where} takes missing data for ${treatment}`];
  });
}

/** Counts something that should come all the time. */
function isHeartbeat(properties: Json): boolean {
  return (
    at(properties, 'ComparisonOperator') === 'LessThanThreshold' &&
    ['Sum', 'SampleCount'].includes(String(at(properties, 'Statistic')))
  );
}

function isMath(properties: Json): boolean {
  return at(properties, 'Metrics') !== undefined;
}

/** Every alarm is one that CloudWatch accepts and evaluates as it is meant. */
export function alarmsFitCloudWatch(assembly: Assembly): string[] {
  return resources(assembly, 'AWS::CloudWatch::Alarm').flatMap(({ where, resource }) => {
    const { Properties } = resource;
    const findings: string[] = [];
    const evaluated = Number(at(Properties, 'EvaluationPeriods'));
    const wanted = Number(at(Properties, 'DatapointsToAlarm') ?? evaluated);
    if (wanted > evaluated) findings.push(`${where} wants ${wanted} of ${evaluated} datapoints`);
    for (const period of periodsOf(Properties)) {
      if (!(period >= 60 && period % 60 === 0)) findings.push(`${where} has a period of ${period} s`);
      if (period * evaluated > (period < 3600 ? 1 : 7) * 24 * 3600)
        findings.push(`${where} looks back over ${period * evaluated} s`);
    }
    const metrics = asList(at(Properties, 'Metrics'));
    if (metrics.filter((metric) => at(metric, 'MetricStat') !== undefined).length > 10)
      findings.push(`${where} adds more than ten metrics`);
    // Data comes a minute late, and is filled with zeros until then.
    const isFilled = metrics.some((metric) => /^FILL\(/.test(String(at(metric, 'Expression'))));
    if (isFilled && wanted === evaluated) findings.push(`${where} never sees its newest datapoint breach`);
    if (
      /^p\d/.test(String(at(Properties, 'ExtendedStatistic'))) &&
      at(Properties, 'EvaluateLowSampleCountPercentile') !== 'ignore'
    )
      findings.push(`${where} takes the slowest of a few for a percentile`);
    return findings;
  });
}

function periodsOf(properties: Json): number[] {
  const own = at(properties, 'Period');
  if (own !== undefined) return [Number(own)];
  return asList(at(properties, 'Metrics')).flatMap((metric) => {
    const period = at(metric, 'MetricStat', 'Period');
    return period === undefined ? [] : [Number(period)];
  });
}
