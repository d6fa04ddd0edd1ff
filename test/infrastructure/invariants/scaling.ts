import {
  type Assembly,
  asList,
  at,
  type Json,
  type LocatedResource,
  resources,
  target,
} from '../template.ts';

const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';
const TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';

/** Services for which Application Auto Scaling knows no steps: the template would pass, and its deployment fail. */
const WITHOUT_STEPS = ['lambda', 'dynamodb', 'elasticache'];

/** Whether an alarm drives policies of scaling, and nothing and nobody else. */
export function isScalingAlarm({ stack, resource }: LocatedResource): boolean {
  const actions = ['AlarmActions', 'OKActions', 'InsufficientDataActions'].flatMap((name) =>
    asList(at(resource.Properties, name)),
  );
  return (
    actions.length > 0 &&
    actions.every((action) => stack.template.Resources[target(action) ?? '']?.Type === POLICY)
  );
}

/** An alarm that scales does nothing when it knows nothing, says that it tells nobody, and works. */
export function scalingAlarmsOnlyScale(assembly: Assembly): string[] {
  return resources(assembly, 'AWS::CloudWatch::Alarm')
    .filter(isScalingAlarm)
    .flatMap(({ where, resource }) => {
      const findings: string[] = [];
      const property = (name: string) => at(resource.Properties, name);
      if (property('TreatMissingData') !== 'missing') findings.push(`${where} scales when it knows nothing`);
      if (property('ActionsEnabled') === false) findings.push(`${where} is muted`);
      if (!/^Scaling: .{20,} Tells nobody\.$/.test(String(property('AlarmDescription'))))
        findings.push(`${where} does not say that it scales`);
      if (property('OKActions') !== undefined || property('InsufficientDataActions') !== undefined)
        findings.push(`${where} scales when nothing is the matter`);
      return findings;
    });
}

/** What is scaled in steps is of a service that can be, goes up and down, at its own pace, and by nothing else besides. */
export function stepsAreDriven(assembly: Assembly): string[] {
  const policies = resources(assembly, POLICY);
  const alarms = resources(assembly, 'AWS::CloudWatch::Alarm').filter(isScalingAlarm);
  const drives = (policy: LocatedResource) => (alarm: LocatedResource) =>
    alarm.stack === policy.stack &&
    asList(at(alarm.resource.Properties, 'AlarmActions')).some(
      (action) => target(action) === policy.logicalId,
    );
  const steps = policies.filter((policy) => isStep(policy));
  const findings = steps.flatMap((policy) => {
    const configuration = at(policy.resource.Properties, 'StepScalingPolicyConfiguration');
    const found: string[] = [];
    const driving = alarms.filter(drives(policy));
    if (driving.length !== 1) found.push(`${policy.where} is not driven by one alarm`);
    if (driving.some((alarm) => !covers(asList(at(configuration, 'StepAdjustments')), alarm)))
      found.push(`${policy.where} has no step for some of what rings its alarm`);
    if (!(Number(at(configuration, 'Cooldown')) >= 60)) found.push(`${policy.where} does not pause`);
    return found;
  });
  const targets = resources(assembly, TARGET).flatMap((scaled) =>
    targetFindings(
      scaled,
      policies.filter((policy) => policy.stack === scaled.stack && scaledBy(policy) === scaled.logicalId),
    ),
  );
  return [...findings, ...targets];
}

/** Whether steps leave nothing out of what is on the side of the threshold on which the alarm rings, and nothing twice. */
function covers(steps: readonly Json[], { resource }: LocatedResource): boolean {
  const isAbove = String(at(resource.Properties, 'ComparisonOperator')).startsWith('GreaterThan');
  const bounds = steps
    .map((step) => ({
      from: Number(at(step, 'MetricIntervalLowerBound') ?? -Infinity),
      to: Number(at(step, 'MetricIntervalUpperBound') ?? Infinity),
    }))
    .toSorted((one, other) => one.from - other.from);
  const [first, last] = [bounds.at(0), bounds.at(-1)];
  if (bounds.some(({ from }, index) => index > 0 && from !== bounds[index - 1]?.to)) return false;
  return isAbove ? first?.from === 0 && last?.to === Infinity : first?.from === -Infinity && last?.to === 0;
}

function isStep({ resource }: LocatedResource): boolean {
  return at(resource.Properties, 'PolicyType') === 'StepScaling';
}

/** Logical id of what a policy scales; the construct library takes it out of the reference by pieces. */
function scaledBy({ resource }: LocatedResource): string | undefined {
  const id = at(resource.Properties, 'ScalingTargetId');
  return target(id) ?? target(at(id, 'Fn::Select', 1, 'Fn::Split', 1));
}

function targetFindings({ where, resource }: LocatedResource, policies: LocatedResource[]): string[] {
  const findings: string[] = [];
  const steps = policies.filter(isStep);
  if (policies.length === 0) findings.push(`${where} is scaled by nothing`);
  if (steps.length === 0) return findings;
  if (steps.length < policies.length) findings.push(`${where} is scaled by steps and by a target`);
  if (WITHOUT_STEPS.includes(String(at(resource.Properties, 'ServiceNamespace'))))
    findings.push(`${where} cannot be scaled in steps`);
  const changes = steps.flatMap((policy) =>
    asList(at(policy.resource.Properties, 'StepScalingPolicyConfiguration', 'StepAdjustments')).map((step) =>
      Math.sign(Number(at(step, 'ScalingAdjustment'))),
    ),
  );
  if (!changes.includes(1)) findings.push(`${where} never grows`);
  if (!changes.includes(-1)) findings.push(`${where} never shrinks`);
  return findings;
}
