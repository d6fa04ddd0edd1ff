import { z } from 'zod';
import type { DeployedResource } from '../assembly/deployment.ts';
import type { AlarmActions } from '../cloudwatch/alarms/actions.ts';
import type { MetricAlarm } from '../cloudwatch/alarms/definition.ts';
import type { AlarmStateChange } from '../cloudwatch/alarms/state-change.ts';
import type { Timeline } from '../timeline.ts';
import type { ScalableCapacity } from './capacity.ts';
import { readPolicy, type ScalingPolicy } from './policies.ts';
import { ScalableTarget, type ScalingActivity } from './scalable-target.ts';

export interface ScalingOptions {
  readonly resources: readonly DeployedResource[];
  /** What there is to scale. */
  readonly capacities: readonly ScalableCapacity[];
  readonly timeline: Timeline;
  readonly log: (line: string) => void;
  /** Told each change of a capacity, in a line for people. */
  readonly onScaled: (line: string) => void;
}

const targetSchema = z.looseObject({
  ResourceId: z.string(),
  ScalableDimension: z.string(),
  MinCapacity: z.coerce.number().int().nonnegative(),
  MaxCapacity: z.coerce.number().int().nonnegative(),
});

/** Application Auto Scaling of a deployment: its targets, and the policies by which alarms move them. */
export class Scaling {
  readonly #targets = new Map<string, ScalableTarget>();
  /** Ids of targets that nothing here is scaled by. */
  readonly #absent = new Set<string>();
  readonly #policies: ScalingPolicy[] = [];
  readonly #notImitated: string[] = [];
  readonly #options: ScalingOptions;

  constructor(options: ScalingOptions) {
    this.#options = options;
    for (const resource of options.resources) {
      if (resource.type === 'AWS::ApplicationAutoScaling::ScalableTarget') this.#addTarget(resource);
    }
    for (const resource of options.resources) {
      if (resource.type === 'AWS::ApplicationAutoScaling::ScalingPolicy') this.#addPolicy(resource);
    }
  }

  get targets(): readonly ScalableTarget[] {
    return [...this.#targets.values()];
  }

  get policies(): readonly ScalingPolicy[] {
    return this.#policies;
  }

  /** Alarms that target tracking makes for itself. */
  get alarms(): readonly MetricAlarm[] {
    return this.#policies.flatMap(({ alarms }) => alarms);
  }

  /** What of targets and policies is not imitated, one line each. */
  get notImitated(): readonly string[] {
    return this.#notImitated;
  }

  /** Of all targets, in the order in which they began. */
  get activities(): readonly ScalingActivity[] {
    const all = this.targets.flatMap(({ activities }) => activities);
    return all.toSorted((left, right) => left.startedAt - right.startedAt);
  }

  /** Lets alarms name the policies. */
  register(actions: AlarmActions): void {
    for (const policy of this.#policies)
      actions.registerAction(policy.arn, async (change) => this.#act(policy, change));
  }

  /** Brings every capacity between its bounds. */
  start(): void {
    for (const target of this.targets) void target.register();
  }

  async #act(policy: ScalingPolicy, change: AlarmStateChange): Promise<void> {
    const wish = policy.wish(change);
    if (wish !== undefined) await this.#targets.get(policy.targetId)?.scale(wish);
  }

  #addTarget({ identity, logicalId, stackName, properties }: DeployedResource): void {
    const { timeline, capacities } = this.#options;
    const { ResourceId, ScalableDimension, MinCapacity, MaxCapacity } = targetSchema.parse(properties);
    const capacity = capacities.find(
      ({ resourceId, dimension }) => resourceId === ResourceId && dimension === ScalableDimension,
    );
    if (capacity === undefined) {
      this.#absent.add(identity.ref);
      this.#notImitated.push(`the scaling of ${ScalableDimension} (${logicalId})`);
      return;
    }
    const onActivity = (activity: ScalingActivity) => this.#tell(activity, shortName(ResourceId, stackName));
    const bounds = { min: MinCapacity, max: MaxCapacity };
    this.#targets.set(identity.ref, new ScalableTarget({ capacity, ...bounds, timeline, onActivity }));
  }

  #addPolicy(resource: DeployedResource): void {
    try {
      const policy = readPolicy(resource);
      // This was said of the target.
      if (this.#absent.has(policy.targetId)) return;
      if (!this.#targets.has(policy.targetId)) throw new Error(`there is no target ${policy.targetId}`);
      const others = this.#policies.filter(({ targetId }) => targetId === policy.targetId);
      if (policy.alarms.length > 0 && others.some(({ alarms }) => alarms.length > 0))
        throw new Error('its target follows another policy already');
      this.#policies.push(policy);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#notImitated.push(`the scaling policy ${resource.logicalId}: ${reason}`);
    }
  }

  #tell({ from, to, cause, alarm, status, message }: ScalingActivity, name: string): void {
    const { log, onScaled } = this.#options;
    const change = `${name} ${from} → ${to}`;
    if (status === 'Failed') log(`failed to scale ${change}: ${message}`);
    else if (status === 'Successful') log(`${change} is done`);
    else {
      log(`scaled ${change}: ${cause}${alarm === undefined ? '' : ` (${alarm})`}`);
      onScaled(`scaled ${change}: ${cause}`);
    }
  }
}

/** `function:stack-Name-0123456789:live` as `Name:live`. */
function shortName(resourceId: string, stackName: string): string {
  const name = resourceId.replace(/^(function|cluster):/, '');
  const own = name.startsWith(`${stackName}-`) ? name.slice(stackName.length + 1) : name;
  return own.replace(/-[0-9a-f]{10}(?=:|$)/, '');
}
