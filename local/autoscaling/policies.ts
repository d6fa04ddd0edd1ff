import { z } from 'zod';
import type { DeployedResource } from '../assembly/deployment.ts';
import type { MetricAlarm } from '../cloudwatch/alarms/definition.ts';
import type { AlarmStateChange } from '../cloudwatch/alarms/state-change.ts';
import type { Wish } from './scalable-target.ts';
import { steppedCapacity, stepScalingSchema } from './step-scaling.ts';
import { targetTrackingSchema, trackedCapacity, trackingAlarms } from './target-tracking.ts';

/** A scaling policy of the templates. */
export interface ScalingPolicy {
  readonly arn: string;
  readonly name: string;
  /** Id of the target that it moves: `resource|dimension|namespace`. */
  readonly targetId: string;
  readonly type: string;
  /** Alarms that are made for it, beside those of the templates that act on it. */
  readonly alarms: readonly MetricAlarm[];
  /** What it wants when an alarm rings; undefined when that is not for it. */
  wish(change: AlarmStateChange): Wish | undefined;
}

const policySchema = z.looseObject({
  PolicyName: z.string(),
  PolicyType: z.string(),
  ScalingTargetId: z.string().optional(),
  ResourceId: z.string().optional(),
  ScalableDimension: z.string().optional(),
  ServiceNamespace: z.string().optional(),
  StepScalingPolicyConfiguration: stepScalingSchema.optional(),
  TargetTrackingScalingPolicyConfiguration: targetTrackingSchema.optional(),
});

const SECOND_MS = 1000;
/** Cooldowns, in seconds, of target tracking policies that name none: of provisioned concurrency, and of readers. */
const DEFAULT_COOLDOWN = 0;
const DEFAULT_READER_COOLDOWN = 300;

/** Reads a policy of the templates. @throws Error saying what of it is not imitated */
export function readPolicy({ identity, stackName, properties }: DeployedResource): ScalingPolicy {
  const parsed = policySchema.safeParse(properties);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(issues.join('; '));
  }
  const { data } = parsed;
  const targetId =
    data.ScalingTargetId ?? [data.ResourceId, data.ScalableDimension, data.ServiceNamespace].join('|');
  const common = { arn: identity.ref, name: data.PolicyName, targetId, type: data.PolicyType };
  const { StepScalingPolicyConfiguration: step, TargetTrackingScalingPolicyConfiguration: tracking } = data;
  if (data.PolicyType === 'StepScaling' && step !== undefined) {
    return { ...common, alarms: [], wish: (change) => stepWish(step, change) };
  }
  if (data.PolicyType !== 'TargetTrackingScaling' || tracking === undefined)
    throw new Error(`${data.PolicyType} is not imitated`);
  const [resourceId = ''] = targetId.split('|');
  const { high, low } = trackingAlarms(tracking, { resourceId, policyArn: identity.ref, stackName });
  const byDefault = resourceId.startsWith('cluster:') ? DEFAULT_READER_COOLDOWN : DEFAULT_COOLDOWN;
  return {
    ...common,
    alarms: low === undefined ? [high] : [high, low],
    wish: ({ alarm, value, time }) => {
      if (value === undefined) return undefined;
      const { ScaleOutCooldown, ScaleInCooldown } = tracking;
      const cooldown = (alarm.name === high.name ? ScaleOutCooldown : ScaleInCooldown) ?? byDefault;
      return {
        capacityFrom: (current) => trackedCapacity(tracking, value, current),
        cooldownMs: cooldown * SECOND_MS,
        cause: causeOf(alarm, value),
        alarm: alarm.name,
        seenAt: time,
      };
    },
  };
}

function stepWish(
  policy: z.infer<typeof stepScalingSchema>,
  { alarm, value, time }: AlarmStateChange,
): Wish | undefined {
  if (alarm.kind !== 'metric' || value === undefined) return undefined;
  const breach = value - alarm.threshold;
  return {
    capacityFrom: (current) => steppedCapacity(policy, breach, current),
    cooldownMs: policy.Cooldown * SECOND_MS,
    cause: causeOf(alarm, value),
    alarm: alarm.name,
    seenAt: time,
  };
}

/** In words for people: what was seen, and which way that is off. */
function causeOf(alarm: AlarmStateChange['alarm'], value: number): string {
  if (alarm.kind !== 'metric') return alarm.name;
  const label = alarm.queries.find(({ id }) => id === alarm.watched)?.label ?? alarm.watched;
  const side = alarm.comparison.startsWith('Greater') ? 'above' : 'below';
  return `${label} is ${short(value)}, ${side} ${short(alarm.threshold)}`;
}

function short(value: number): number {
  return Number(value.toPrecision(3));
}
