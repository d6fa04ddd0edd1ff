import { describe, expect, it } from 'vitest';
import { heartbeatSchema } from '../../lambdas/contracts/heartbeat.ts';
import { API_FUNCTIONS, type ApiFunctionName, STAGE_NAMES, type Stage } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { PROVISIONED_LOAD } from '../../lib/constructs/provisioned-load.ts';
import { calculate } from './metric-math.ts';
import { synthesise } from './synthesis.ts';
import {
  type Assembly,
  asList,
  at,
  flatten,
  type Json,
  type LocatedResource,
  resources,
  target,
} from './template.ts';

const PHASES = ['phase1', 'phase2', 'phase3', 'phase4'] as const;
const assemblies = new Map(STAGE_NAMES.map((name) => [name, synthesise(name)]));
const assembly = (stage: Stage['name']): Assembly => assemblies.get(stage)!;

const FUNCTION_IDS: Readonly<Record<ApiFunctionName, string>> = {
  control: 'FunctionsControl',
  query: 'FunctionsQuery',
  analyze: 'FunctionsAnalyze',
  authorizer: 'FunctionsAuthorize',
};

/** The one resource of a type that belongs to a function of the API. */
function of(stage: Stage['name'], type: string, name: ApiFunctionName, rest = ''): LocatedResource {
  const found = resources(assembly(stage), type).filter(({ logicalId }) =>
    logicalId.startsWith(`${FUNCTION_IDS[name]}${rest}`),
  );
  expect(found).toHaveLength(1);
  return found[0]!;
}

const aliasOf = (stage: Stage['name'], name: ApiFunctionName) => of(stage, 'AWS::Lambda::Alias', name);

describe.each(STAGE_NAMES)('the functions of the API of %s', (stage) => {
  it('are called by the alias live of a published version, and by nothing else', () => {
    const aliases = API_FUNCTIONS.map((name) => {
      const { logicalId, resource } = aliasOf(stage, name);
      expect(at(resource.Properties, 'Name')).toBe('live');
      expect(target(at(resource.Properties, 'FunctionName'))).toMatch(`${FUNCTION_IDS[name]}Function`);
      const version = target(at(resource.Properties, 'FunctionVersion')) ?? '';
      expect(
        assembly(stage).stacks.find(({ id }) => id === 'Api')!.template.Resources[version],
      ).toMatchObject({ Type: 'AWS::Lambda::Version' });
      return logicalId;
    });
    const api = resources(assembly(stage)).filter(({ stack }) => stack.id === 'Api');
    const called = api.flatMap(({ resource: { Type, Properties } }) => {
      if (Type === 'AWS::ApiGateway::Authorizer') return flatten(at(Properties, 'AuthorizerUri'));
      if (Type === 'AWS::ApiGateway::Method') return flatten(at(Properties, 'Integration', 'Uri'));
      return Type === 'AWS::Lambda::Permission' ? flatten(at(Properties, 'FunctionName')) : [];
    });
    const names = called.map((uri) => aliases.find((alias) => uri.includes(`\${${alias}}`)) ?? uri);
    expect(new Set(names)).toEqual(new Set(aliases));
  });

  it('keep as many environments ready, and reserve as many executions, as the stage says', () => {
    const { provisioned, reserved } = loadStage(stage).api;
    for (const name of API_FUNCTIONS) {
      const alias = aliasOf(stage, name).resource.Properties;
      expect(at(alias, 'ProvisionedConcurrencyConfig', 'ProvisionedConcurrentExecutions')).toBe(
        provisioned?.[name].min,
      );
      const { Properties } = of(stage, 'AWS::Lambda::Function', name).resource;
      expect(at(Properties, 'ReservedConcurrentExecutions')).toBe(reserved?.[name]);
    }
  });
});

describe('in dev', () => {
  it('nothing is kept ready, scaled or beaten for', () => {
    expect(loadStage('dev').api).toMatchObject({ provisioned: null, reserved: null });
    const scaled = resources(assembly('dev'), 'AWS::ApplicationAutoScaling::ScalableTarget');
    expect(scaled.filter(({ stack }) => stack.id === 'Api')).toEqual([]);
    expect(heartbeatsOf('dev')).toEqual([]);
  });
});

describe.each(PHASES)('the environments of %s that are kept ready', (stage) => {
  it.each(API_FUNCTIONS)('follow the load of %s between the bounds of the stage', (name) => {
    const { min, max } = loadStage(stage).api.provisioned![name];
    const scaled = of(stage, 'AWS::ApplicationAutoScaling::ScalableTarget', name);
    expect(scaled.resource.Properties).toMatchObject({
      ServiceNamespace: 'lambda',
      ScalableDimension: 'lambda:function:ProvisionedConcurrency',
      MinCapacity: min,
      MaxCapacity: max,
    });
    const alias = aliasOf(stage, name);
    const lambda = target(at(alias.resource.Properties, 'FunctionName'));
    expect(flatten(at(scaled.resource.Properties, 'ResourceId'))).toBe(`function:\${${lambda}}:live`);

    const policy = of(stage, 'AWS::ApplicationAutoScaling::ScalingPolicy', name).resource.Properties;
    expect(at(policy, 'PolicyType')).toBe('TargetTrackingScaling');
    expect(target(at(policy, 'ScalingTargetId'))).toBe(scaled.logicalId);
    const tracking = at(policy, 'TargetTrackingScalingPolicyConfiguration');
    expect(tracking).toMatchObject({ TargetValue: 0.7, ScaleInCooldown: 300, ScaleOutCooldown: 0 });
    const metrics = asList(at(tracking, 'CustomizedMetricSpecification', 'Metrics'));
    expect(metrics.map((metric) => [at(metric, 'Id'), at(metric, 'ReturnData')])).toEqual([
      ['load', true],
      ['u', false],
      ['e', false],
      ['inv', false],
    ]);
    expect(at(metrics[0], 'Expression')).toBe(PROVISIONED_LOAD);
    expect(metrics.slice(1).map((metric) => statisticOf(metric))).toEqual([
      'Maximum of ProvisionedConcurrencyUtilization',
      'Maximum of ProvisionedConcurrentExecutions',
      'Sum of Invocations',
    ]);
    for (const metric of metrics.slice(1)) {
      const dimensions = asList(at(metric, 'MetricStat', 'Metric', 'Dimensions'));
      expect(dimensions.map((one) => [at(one, 'Name'), flatten(at(one, 'Value'))])).toEqual([
        ['FunctionName', `\${${lambda}}`],
        ['Resource', `\${${lambda}}:live`],
      ]);
    }
  });

  it('are told of once a minute by an event that functions answer at once', () => {
    const [rule, ...others] = heartbeatsOf(stage);
    expect(others).toEqual([]);
    const targets = asList(at(rule!.resource.Properties, 'Targets'));
    expect(at(rule!.resource.Properties, 'ScheduleExpression')).toBe('rate(1 minute)');
    expect(targets.map((one) => target(at(one, 'Arn'))).toSorted()).toEqual(
      API_FUNCTIONS.map((name) => aliasOf(stage, name).logicalId).toSorted(),
    );
    for (const one of targets) {
      const input: unknown = JSON.parse(String(at(one, 'Input')));
      expect(heartbeatSchema.safeParse(input).error).toBeUndefined();
    }
    const permitted = resources(assembly(stage), 'AWS::Lambda::Permission').filter(
      ({ resource }) => target(at(resource.Properties, 'SourceArn')) === rule!.logicalId,
    );
    expect(permitted).toHaveLength(targets.length);
  });

  it.each(API_FUNCTIONS)(
    'of %s are missed in a ticket when they do not suffice, or are at their most',
    (name) => {
      const { max } = loadStage(stage).api.provisioned![name];
      const spillOver = of(stage, 'AWS::CloudWatch::Alarm', name, 'LiveSpillOver').resource.Properties;
      expect(spillOver).toMatchObject({
        AlarmName: `creative-dynamics-api-api-spill-over-${name}`,
        MetricName: 'ProvisionedConcurrencySpilloverInvocations',
        Statistic: 'Sum',
        Period: 60,
        Threshold: 0,
        DatapointsToAlarm: 6,
        EvaluationPeriods: 10,
      });
      const atMaximum = of(stage, 'AWS::CloudWatch::Alarm', name, 'LiveAtMaximum').resource.Properties;
      expect(atMaximum).toMatchObject({ ComparisonOperator: 'GreaterThanOrEqualToThreshold' });
      expect(at(atMaximum, 'Threshold')).toBeCloseTo(0.9 * max);
      const [ratio, ...metrics] = asList(at(atMaximum, 'Metrics'));
      expect(at(ratio, 'Expression')).toBe('e/u');
      // 9 of 10 environments busy: 9 ÷ 0.9. Without any ready, nothing is known.
      expect(calculate('e/u', { e: 9, u: 0.9 })).toBeCloseTo(10);
      expect(calculate('e/u', { e: 0, u: 0 })).toBeUndefined();
      expect(metrics.map((metric) => [at(metric, 'Id'), statisticOf(metric)])).toEqual([
        ['e', 'Maximum of ProvisionedConcurrentExecutions'],
        ['u', 'Maximum of ProvisionedConcurrencyUtilization'],
      ]);
    },
  );
});

function statisticOf(metric: Json): string {
  return `${at(metric, 'MetricStat', 'Stat')} of ${at(metric, 'MetricStat', 'Metric', 'MetricName')}`;
}

function heartbeatsOf(stage: Stage['name']): LocatedResource[] {
  return resources(assembly(stage), 'AWS::Events::Rule').filter(({ stack }) => stack.id === 'Api');
}
