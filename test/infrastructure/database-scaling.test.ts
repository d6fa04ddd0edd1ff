import { describe, expect, it } from 'vitest';
import { STAGE_NAMES, type Stage } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { isScalingAlarm } from './invariants/scaling.ts';
import { synthesise } from './synthesis.ts';
import { type Assembly, asList, at, flatten, type Json, resources, target } from './template.ts';

const assemblies = new Map(STAGE_NAMES.map((stage) => [stage, synthesise(stage)]));
const assembly = (stage: Stage['name']): Assembly => assemblies.get(stage)!;
const SCALED = STAGE_NAMES.filter((name) => {
  const { fixed, most } = loadStage(name).database.readers;
  return most > fixed;
});

function alarmNamed(stage: Stage['name'], name: string): Record<string, Json> {
  const found = resources(assembly(stage), 'AWS::CloudWatch::Alarm').filter(({ resource }) =>
    String(at(resource.Properties, 'AlarmName')).endsWith(`-storage-${name}`),
  );
  expect(found).toHaveLength(1);
  return found[0]!.resource.Properties;
}

/** Change of the number of readers that an alarm makes, and the pause after it. */
function effect(stage: Stage['name'], alarm: Record<string, Json>): Json[] {
  const [action] = asList(alarm['AlarmActions']);
  const policy = resources(assembly(stage), 'AWS::ApplicationAutoScaling::ScalingPolicy').find(
    ({ logicalId }) => logicalId === target(action),
  )!;
  const [counted] = resources(assembly(stage), 'AWS::ApplicationAutoScaling::ScalableTarget').filter(
    ({ resource }) => at(resource.Properties, 'ScalableDimension') === 'rds:cluster:ReadReplicaCount',
  );
  expect(at(policy.resource.Properties, 'ScalingTargetId')).toEqual({ Ref: counted!.logicalId });
  const configuration = at(policy.resource.Properties, 'StepScalingPolicyConfiguration');
  const [step, ...others] = asList(at(configuration, 'StepAdjustments'));
  expect(others).toEqual([]);
  expect(at(configuration, 'AdjustmentType')).toBe('ChangeInCapacity');
  return [
    at(step, 'ScalingAdjustment') ?? null,
    at(step, 'MetricIntervalLowerBound') ?? null,
    at(step, 'MetricIntervalUpperBound') ?? null,
    at(configuration, 'Cooldown') ?? null,
  ];
}

const CLUSTER = { Name: 'DBClusterIdentifier', Value: { Ref: 'DatabaseCluster5B53A178' } };
const READERS = {
  Namespace: 'AWS/RDS',
  MetricName: 'CPUUtilization',
  Statistic: 'Average',
  Dimensions: [CLUSTER, { Name: 'Role', Value: 'READER' }],
};

describe.each(SCALED)('the readers of %s', (stage) => {
  it('are between none of their own and the most of the stage', () => {
    const [scaled, ...others] = resources(assembly(stage), 'AWS::ApplicationAutoScaling::ScalableTarget')
      .map(({ resource }) => resource.Properties)
      .filter(({ ServiceNamespace }) => ServiceNamespace === 'rds');
    expect(others).toEqual([]);
    expect(scaled).toMatchObject({
      ScalableDimension: 'rds:cluster:ReadReplicaCount',
      MinCapacity: 0,
      MaxCapacity: loadStage(stage).database.readers.most,
    });
    expect(flatten(scaled!['ResourceId'])).toBe(`cluster:\${${CLUSTER.Value.Ref}}`);
    // The service has a role of its own for it.
    expect(scaled!['RoleARN']).toBeUndefined();
  });

  it('are two more when they are over 70 % busy for two periods of 120 s', () => {
    const alarm = alarmNamed(stage, 'database-readers-add');
    expect(alarm).toMatchObject({
      ...READERS,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 70,
      Period: 120,
      EvaluationPeriods: 2,
    });
    expect(effect(stage, alarm)).toEqual([2, 0, null, 300]);
  });

  it('are one fewer when they are under 35 % busy for 15 minutes', () => {
    const alarm = alarmNamed(stage, 'database-readers-remove');
    expect(alarm).toMatchObject({
      ...READERS,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 35,
      Period: 60,
      EvaluationPeriods: 15,
    });
    expect(effect(stage, alarm)).toEqual([-1, null, 0, 300]);
  });

  it('page nobody by coming and going, and make a ticket when they stay busy', () => {
    const scaling = resources(assembly(stage), 'AWS::CloudWatch::Alarm').filter(
      (alarm) => isScalingAlarm(alarm) && at(alarm.resource.Properties, 'Namespace') === 'AWS/RDS',
    );
    expect(scaling).toHaveLength(2);
    const twin = alarmNamed(stage, 'database-readers-at-maximum');
    expect(twin).toMatchObject({ ...READERS, Threshold: 70, TreatMissingData: 'notBreaching' });
    // As long as growing from the fixed readers to the most takes: the alarm, then twos with a pause after each.
    const { fixed, most } = loadStage(stage).database.readers;
    const growing = 2 * 120 + Math.ceil((most - fixed) / 2) * 300;
    expect(Number(twin['Period']) * Number(twin['EvaluationPeriods'])).toBeGreaterThan(growing);
    expect(asList(twin['AlarmActions']).map((action) => target(action))).toEqual(['Alerts91F83244']);
  });

  it('have one among them that can take the place of the writer', () => {
    const instances = resources(assembly(stage), 'AWS::RDS::DBInstance').map(({ resource }) =>
      at(resource.Properties, 'PromotionTier'),
    );
    const { fixed } = loadStage(stage).database.readers;
    expect(instances).toEqual([0, 1, ...Array.from({ length: fixed - 1 }, () => 2)]);
  });
});

it('a stage without readers has none added', () => {
  expect(SCALED).toEqual(['phase1', 'phase2', 'phase3', 'phase4']);
  expect(
    resources(assembly('dev'), 'AWS::ApplicationAutoScaling::ScalableTarget').filter(
      ({ resource }) => at(resource.Properties, 'ServiceNamespace') === 'rds',
    ),
  ).toEqual([]);
});

describe('the database', () => {
  // As shares of what the writer may become, which is what Serverless v2 reports.
  it.each(STAGE_NAMES)('of %s tells that the writer is at its capacity', (stage) => {
    expect(alarmNamed(stage, 'database-capacity')).toMatchObject({
      MetricName: 'ACUUtilization',
      Dimensions: [CLUSTER, { Name: 'Role', Value: 'WRITER' }],
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 80,
      Period: 60,
      EvaluationPeriods: 5,
    });
  });
});

describe('the cache', () => {
  const cacheOf = (stage: Stage['name']) =>
    resources(assembly(stage), 'AWS::ElastiCache::ServerlessCache')[0]!.resource.Properties;

  it.each(STAGE_NAMES)('of %s begins with its usual limits', (stage) => {
    const { usual } = loadStage(stage).cache;
    expect(at(cacheOf(stage), 'CacheUsageLimits')).toEqual({
      DataStorage: { Unit: 'GB', Maximum: usual.gigabytes },
      ECPUPerSecond: { Maximum: usual.unitsPerSecond },
    });
  });

  it.each(STAGE_NAMES)('of %s tells people at three quarters of the most it may become', (stage) => {
    const { most } = loadStage(stage).cache;
    expect(alarmNamed(stage, 'cache-nearly-full')).toMatchObject({
      MetricName: 'BytesUsedForCache',
      Statistic: 'Maximum',
      Threshold: 0.75 * most.gigabytes * 1e9,
    });
    // A sum of the minute, against units a second.
    expect(alarmNamed(stage, 'cache-busy')).toMatchObject({
      MetricName: 'ElastiCacheProcessingUnits',
      Statistic: 'Sum',
      Period: 60,
      Threshold: 0.75 * most.unitsPerSecond * 60,
    });
  });
});
