import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PROVISIONED_LOAD } from '../../lib/constructs/provisioned-load.ts';
import { planDeployment } from '../../local/assembly/deployment.ts';
import { templateSchema } from '../../local/assembly/template.ts';
import type { ScalableCapacity } from '../../local/autoscaling/capacity.ts';
import { Scaling } from '../../local/autoscaling/deploy.ts';
import { steppedCapacity, stepScalingSchema } from '../../local/autoscaling/step-scaling.ts';
import { AlarmActions } from '../../local/cloudwatch/alarms/actions.ts';
import { Alarms } from '../../local/cloudwatch/alarms/alarms.ts';
import { readAlarm } from '../../local/cloudwatch/alarms/definition.ts';
import { MetricStore } from '../../local/cloudwatch/metrics.ts';
import { Timeline } from '../../local/timeline.ts';

const MINUTE = 60_000;
/** As CloudFormation names a function of the stack `s`. */
const RESOURCE = 'function:s-Analyze-0123456789:live';
const READERS = 'cluster:main';

/** The one capacity of a test, and how long a change of it takes. */
let units: { capacity: number; delay: number; failure: string | undefined };
let told: string[];
let logged: string[];
let store: MetricStore;
let scaling: Scaling;
let alarms: Alarms;

function start(resources: Record<string, { Type: string; Properties: object }>, initial: number): void {
  units = { capacity: initial, delay: 0, failure: undefined };
  told = [];
  logged = [];
  const template = templateSchema.parse(JSON.parse(JSON.stringify({ Resources: resources })));
  const stacks = [{ id: 'S', stackName: 's', template }];
  const deployment = planDeployment({ stacks, assets: new Map() }, { endpoint: 'http://127.0.0.1:1' });
  const timeline = new Timeline();
  const capacityOf = (resourceId: string, dimension: string, least: number): ScalableCapacity => ({
    ...{ resourceId, dimension, least },
    get capacity() {
      return units.capacity;
    },
    scaleTo: async (to) => {
      if (units.failure !== undefined) throw new Error(units.failure);
      units.capacity = to;
      if (units.delay > 0) await new Promise((resolve) => setTimeout(resolve, units.delay));
    },
  });
  scaling = new Scaling({
    resources: deployment.resources,
    capacities: [
      capacityOf(RESOURCE, 'lambda:function:ProvisionedConcurrency', 1),
      capacityOf(READERS, 'rds:cluster:ReadReplicaCount', 1),
    ],
    timeline,
    log: (line) => logged.push(line),
    onScaled: (line) => told.push(line),
  });
  store = new MetricStore(timeline);
  const actions = new AlarmActions();
  scaling.register(actions);
  alarms = new Alarms({
    ...{ timeline, store, actions, onChange: () => undefined },
    definitions: [
      ...scaling.alarms,
      ...deployment.resources.filter(({ type }) => type === 'AWS::CloudWatch::Alarm').map(readAlarm),
    ],
    log: (line) => logged.push(line),
  });
  scaling.start();
  alarms.start();
}

/** Lets minutes pass, in the middle of each of which values are recorded. */
async function pass(minutes: number, record: () => void = () => undefined): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    await vi.advanceTimersByTimeAsync(MINUTE / 2);
    record();
    await vi.advanceTimersByTimeAsync(MINUTE / 2);
  }
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
});
afterEach(() => {
  alarms.stop();
  vi.useRealTimers();
});

const TARGET = {
  Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
  Properties: {
    ServiceNamespace: 'lambda',
    ScalableDimension: 'lambda:function:ProvisionedConcurrency',
    ResourceId: RESOURCE,
    MinCapacity: 6,
    MaxCapacity: 40,
  },
};

function tracking(specification: object, settings: object = {}) {
  return {
    Target: TARGET,
    Policy: {
      Type: 'AWS::ApplicationAutoScaling::ScalingPolicy',
      Properties: {
        PolicyName: 'load',
        PolicyType: 'TargetTrackingScaling',
        ScalingTargetId: { Ref: 'Target' },
        TargetTrackingScalingPolicyConfiguration: {
          ...{ TargetValue: 0.7, ScaleOutCooldown: 0, ScaleInCooldown: 300 },
          CustomizedMetricSpecification: specification,
          ...settings,
        },
      },
    },
  };
}

const LOAD = { Namespace: 'Test', MetricName: 'Load', Statistic: 'Maximum', Dimensions: [] };
const load = (value: number) => () =>
  store.record({ namespace: 'Test', name: 'Load', dimensions: {}, value });

describe('target tracking', () => {
  it('adds in proportion after three minutes above the target, and says so once', async () => {
    start(tracking(LOAD), 6);
    await pass(3, load(1.05));
    expect(units.capacity).toBe(6);
    await pass(1, load(1.05));
    expect(units.capacity).toBe(9);
    expect(told).toEqual(['scaled Analyze:live 6 → 9: Load is 1.05, above 0.7']);
    expect(logged).toEqual([
      `${told[0]} (TargetTracking-${RESOURCE}-AlarmHigh)`,
      'Analyze:live 6 → 9 is done',
    ]);
  });

  it('does not act on what was measured before a change was there', async () => {
    start(tracking(LOAD), 6);
    units.delay = 1.5 * MINUTE;
    await pass(4, load(1.4));
    expect(units.capacity).toBe(12);
    // It is on its way, then there; data that begins after that is the first to count.
    await pass(2, load(1.4));
    expect(units.capacity).toBe(12);
    await pass(2, load(1.4));
    expect(units.capacity).toBe(24);
  });

  it('adds within a cooldown only what a larger load wants beyond what was added', async () => {
    start(tracking(LOAD, { ScaleOutCooldown: 600 }), 6);
    await pass(4, load(1.05));
    expect(units.capacity).toBe(9);
    await pass(3, load(1.05));
    expect(units.capacity).toBe(9);
    await pass(2, load(2.1));
    expect(units.capacity).toBe(18);
  });

  it('goes to the maximum and no further', async () => {
    start(tracking(LOAD), 6);
    await pass(20, load(7));
    expect(units.capacity).toBe(40);
    expect(told).toHaveLength(1);
  });

  it('gives back after a quarter of an hour well below the target, to the minimum', async () => {
    start(tracking(LOAD), 30);
    await pass(15, load(0.35));
    expect(units.capacity).toBe(30);
    await pass(1, load(0.35));
    expect(units.capacity).toBe(15);
    await pass(3, load(0.35));
    expect(units.capacity).toBe(15);
    await pass(2, load(0.01));
    expect(units.capacity).toBe(6);
    await pass(20, load(0.01));
    expect(units.capacity).toBe(6);
  });

  it('keeps what it has between 90 % of the target and the target, and without data', async () => {
    start(tracking(LOAD), 30);
    await pass(20, load(0.64));
    await pass(20);
    expect(units.capacity).toBe(30);
  });

  it('gives nothing back when it is told not to', async () => {
    start(tracking(LOAD, { DisableScaleIn: true }), 10);
    await pass(20, load(0.1));
    expect(units.capacity).toBe(10);
  });

  it('follows the expression of the templates: requests a second bind before environments do', async () => {
    const dimensions = [
      { Name: 'FunctionName', Value: 'analyze' },
      { Name: 'Resource', Value: 'analyze:live' },
    ];
    const metric = (Id: string, MetricName: string, Stat: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'AWS/Lambda', MetricName, Dimensions: dimensions }, Stat },
      ReturnData: false,
    });
    const specification = {
      Metrics: [
        { Id: 'load', Expression: PROVISIONED_LOAD, ReturnData: true },
        metric('u', 'ProvisionedConcurrencyUtilization', 'Maximum'),
        metric('e', 'ProvisionedConcurrentExecutions', 'Maximum'),
        metric('inv', 'Invocations', 'Sum'),
      ],
    };
    start(tracking(specification), 10);
    const recorded = (name: string, value: number) =>
      store.record({
        namespace: 'AWS/Lambda',
        ...{ name, dimensions: { FunctionName: 'analyze', Resource: 'analyze:live' }, value },
      });
    await pass(4, () => {
      recorded('ProvisionedConcurrentExecutions', 2);
      recorded('ProvisionedConcurrencyUtilization', 0.2);
      // 6000 a minute fill ten environments of ten a second.
      recorded('Invocations', 8400);
    });
    expect(scaling.notImitated).toEqual([]);
    expect(units.capacity).toBe(20);
  });

  it('tells of a change that failed, and tries again', async () => {
    start(tracking(LOAD), 6);
    units.failure = 'more than is reserved';
    await pass(4, load(1.4));
    expect(units.capacity).toBe(6);
    expect(logged).toContain('failed to scale Analyze:live 6 → 12: more than is reserved');
    expect(scaling.activities).toEqual([
      expect.objectContaining({ status: 'Failed', from: 6, to: 12, message: 'more than is reserved' }),
    ]);
    units.failure = undefined;
    await pass(2, load(1.4));
    expect(units.capacity).toBe(12);
  });

  it('brings a capacity between its bounds when it is registered', async () => {
    start(tracking(LOAD), 2);
    await pass(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(units.capacity).toBe(6);
  });
});

function stepPolicy(name: string, steps: object[]) {
  return {
    Type: 'AWS::ApplicationAutoScaling::ScalingPolicy',
    Properties: {
      PolicyName: name,
      PolicyType: 'StepScaling',
      ScalingTargetId: { Ref: 'Readers' },
      StepScalingPolicyConfiguration: {
        ...{ AdjustmentType: 'ChangeInCapacity', Cooldown: 300, StepAdjustments: steps },
      },
    },
  };
}

function alarm(policy: string, comparison: string, [threshold, period, periods]: readonly number[]) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      ...{ Namespace: 'Test', MetricName: 'Load', Statistic: 'Average', Dimensions: [] },
      ...{ Threshold: threshold, Period: period, EvaluationPeriods: periods },
      ComparisonOperator: comparison,
      AlarmActions: [{ Ref: policy }],
    },
  };
}

const STEPS = {
  Readers: {
    Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
    Properties: {
      ServiceNamespace: 'rds',
      ScalableDimension: 'rds:cluster:ReadReplicaCount',
      ResourceId: READERS,
      MinCapacity: 0,
      MaxCapacity: 6,
    },
  },
  Add: stepPolicy('add', [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 2 }]),
  Remove: stepPolicy('remove', [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -1 }]),
  Busy: alarm('Add', 'GreaterThanThreshold', [70, 120, 2]),
  Idle: alarm('Remove', 'LessThanThreshold', [35, 60, 15]),
};

describe('step scaling', () => {
  it('goes by steps, with a cooldown between them, and stops at the maximum', async () => {
    start(STEPS, 1);
    const after: number[] = [];
    for (let minute = 1; minute <= 18; minute += 1) {
      await pass(1, load(90));
      after.push(units.capacity);
    }
    expect(after).toEqual([1, 1, 1, 1, 3, 3, 3, 3, 3, 5, 5, 5, 5, 5, 6, 6, 6, 6]);
  });

  it('gives back one by one, those that it added only', async () => {
    start(STEPS, 3);
    const after: number[] = [];
    for (let minute = 1; minute <= 30; minute += 1) {
      await pass(1, load(10));
      after.push(units.capacity);
    }
    expect(after.indexOf(2)).toBe(15);
    expect(after.indexOf(1)).toBe(20);
    expect(after.at(-1)).toBe(1);
  });

  it('adds at once within the cooldown of giving back', async () => {
    start(STEPS, 3);
    await pass(15, load(10));
    // The alarm for more sees two minutes at a time.
    await pass(3, load(200));
    expect(units.capacity).toBe(2);
    await pass(1, load(200));
    expect(units.capacity).toBe(4);
  });

  it('says of what nothing here can follow that it is not imitated', () => {
    const { Target, Policy } = tracking(LOAD);
    const predefined = tracking({}).Policy;
    const lost = { ...Policy, Properties: { ...Policy.Properties, ScalingTargetId: RESOURCE } };
    start({ Target, Policy, Second: Policy, Third: predefined, Lost: lost }, 6);
    expect(scaling.policies).toHaveLength(1);
    expect(scaling.notImitated.toSorted()).toEqual([
      `the scaling policy Lost: there is no target ${RESOURCE}`,
      'the scaling policy Second: its target follows another policy already',
      'the scaling policy Third: it follows neither a metric nor an expression',
    ]);
  });

  it('says of what nothing here has that it is not scaled', () => {
    const { Readers } = STEPS;
    const other = { ...Readers, Properties: { ...Readers.Properties, ResourceId: 'cluster:other' } };
    start({ ...STEPS, Readers: other }, 1);
    expect(scaling.notImitated).toEqual(['the scaling of rds:cluster:ReadReplicaCount (Readers)']);
  });
});

describe('a step', () => {
  const steps = [
    { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 10 },
    { MetricIntervalLowerBound: 10, ScalingAdjustment: 30 },
    { MetricIntervalLowerBound: -10, MetricIntervalUpperBound: 0, ScalingAdjustment: -10 },
    { MetricIntervalUpperBound: -10, ScalingAdjustment: -30 },
  ];
  const policy = (AdjustmentType: string, more = {}) =>
    stepScalingSchema.parse({ AdjustmentType, StepAdjustments: steps, ...more });

  it.each([
    [0, 20],
    [9.9, 20],
    [10, 40],
    [-5, 0],
    [-10, -20],
    [-10.1, -20],
  ])('is chosen by the breach, the end nearer to the threshold belonging to it: %d', (breach, capacity) => {
    expect(steppedCapacity(policy('ChangeInCapacity'), breach, 10)).toBe(capacity);
  });

  it('may be a share of the capacity, rounded towards nothing but at least one', () => {
    const percent = policy('PercentChangeInCapacity');
    expect(steppedCapacity(percent, 5, 10)).toBe(11);
    expect(steppedCapacity(percent, 5, 3)).toBe(4);
    expect(steppedCapacity(percent, 15, 12)).toBe(15);
    expect(steppedCapacity(percent, -15, 12)).toBe(9);
    expect(steppedCapacity(policy('PercentChangeInCapacity', { MinAdjustmentMagnitude: 4 }), 5, 3)).toBe(7);
  });

  it('may be a capacity', () => {
    expect(steppedCapacity(policy('ExactCapacity'), 12, 7)).toBe(30);
  });

  it('is none for a breach that no interval has', () => {
    const [first] = steps;
    const only = stepScalingSchema.parse({ AdjustmentType: 'ExactCapacity', StepAdjustments: [first] });
    expect(steppedCapacity(only, 11, 7)).toBeUndefined();
    expect(steppedCapacity(only, -1, 7)).toBeUndefined();
  });
});
