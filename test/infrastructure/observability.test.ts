import { describe, expect, it } from 'vitest';
import { REQUEST_METRICS } from '../../lambdas/contracts/metric-names.ts';
import { STAGE_NAMES, type Stage } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { tellsTopic } from './invariants/alarms.ts';
import { synthesise } from './synthesis.ts';
import { type Assembly, asList, at, flatten, type Json, published, resources } from './template.ts';

const assemblies = new Map(STAGE_NAMES.map((stage) => [stage, synthesise(stage)]));
const assembly = (stage: Stage['name']): Assembly => assemblies.get(stage)!;
const phase1 = assembly('phase1');

const ALARMS = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];

function named(name: string): Json {
  const found = resources(phase1, ...ALARMS).filter(
    ({ resource }) => at(resource.Properties, 'AlarmName') === `creative-dynamics-${name}`,
  );
  expect(found).toHaveLength(1);
  return found[0]!.resource.Properties;
}

describe.each(['Alerts', 'Pages'])('the topic %s', (topic) => {
  // A name outside the pattern would be refused by the topic, in silence.
  it.each(STAGE_NAMES)('accepts every alarm of %s', (name) => {
    const policy = resources(assembly(name), 'AWS::SNS::TopicPolicy').find(({ logicalId }) =>
      logicalId.startsWith(topic),
    );
    const key = resources(assembly(name), 'AWS::KMS::Key').find(({ logicalId }) =>
      logicalId.startsWith('AlertsKey'),
    );
    const names = resources(assembly(name), ...ALARMS).map(({ resource }) =>
      at(resource.Properties, 'AlarmName'),
    );
    expect(names.length).toBeGreaterThan(0);
    for (const statement of [
      at(policy!.resource.Properties, 'PolicyDocument', 'Statement', 1),
      at(key!.resource.Properties, 'KeyPolicy', 'Statement', 1),
    ]) {
      expect(at(statement, 'Principal')).toEqual({ Service: 'cloudwatch.amazonaws.com' });
      const pattern = flatten(at(statement, 'Condition', 'ArnLike', 'aws:SourceArn'));
      const prefix = pattern.match(/:alarm:([a-z0-9-]+-)\*$/)?.[1];
      expect(names.filter((alarm) => !String(alarm).startsWith(`${prefix}`))).toEqual([]);
    }
  });
});

describe('mail', () => {
  const subscriptions = (given: Assembly) =>
    resources(given, 'AWS::SNS::Subscription').map(({ resource: { Properties } }) => [
      flatten(at(Properties, 'TopicArn')).match(/Alerts|Pages/)?.[0],
      at(Properties, 'Protocol'),
      at(Properties, 'Endpoint'),
    ]);

  it('goes to nobody unless the context names somebody', () => {
    expect(subscriptions(phase1)).toEqual([]);
  });

  it('of tickets and of pages goes to whom it names for each', () => {
    expect(subscriptions(synthesise('dev', 'ops@example.com', 'oncall@example.com'))).toEqual([
      ['Alerts', 'email', 'ops@example.com'],
      ['Pages', 'email', 'oncall@example.com'],
    ]);
  });
});

describe('pages', () => {
  it.each(STAGE_NAMES)('wake somebody on %s if it says so, and exist in any case', (name) => {
    const pages = resources(assembly(name), 'AWS::CloudWatch::CompositeAlarm');
    expect(pages).toHaveLength(7);
    const { page } = loadStage(name).alarms;
    expect(pages.map((alarm) => tellsTopic(assembly(name), alarm, 'Pages', 'AlarmActions'))).toEqual(
      pages.map(() => page),
    );
  });

  it('ring when both windows of a burn rate do, or any other of their alarms', () => {
    expect(at(named('observability-page-api-down'), 'AlarmRule')).toBe(
      [
        '(ALARM("creative-dynamics-observability-api-errors-fast-1h") AND ALARM("creative-dynamics-observability-api-errors-fast-5m"))',
        '(ALARM("creative-dynamics-observability-api-errors-slow-6h") AND ALARM("creative-dynamics-observability-api-errors-slow-30m"))',
        'ALARM("creative-dynamics-api-authorizer-errors")',
      ].join(' OR '),
    );
    expect(at(named('observability-page-pipeline-stuck'), 'AlarmRule')).toContain(
      'ALARM("creative-dynamics-observability-queues-stuck-analysis") OR ALARM("creative-dynamics-observability-queues-stuck-signature")',
    );
  });
});

describe('the objectives', () => {
  const REQUESTS = '100 * bad / (requests)';

  it.each([
    {
      alarm: 'api-errors-fast-1h',
      threshold: 1.44,
      seconds: 3600,
      expression: `IF(bad >= 10, ${REQUESTS}, 0)`,
    },
    { alarm: 'api-errors-fast-5m', threshold: 1.44, seconds: 300, expression: REQUESTS },
    {
      alarm: 'api-errors-slow-6h',
      threshold: 0.6,
      seconds: 21_600,
      expression: `IF(bad >= 10, ${REQUESTS}, 0)`,
    },
    { alarm: 'api-errors-slow-30m', threshold: 0.6, seconds: 1800, expression: REQUESTS },
    {
      alarm: 'api-errors-daily-24h',
      threshold: 0.3,
      seconds: 86_400,
      expression: `IF(bad >= 10, ${REQUESTS}, 0)`,
    },
  ])('ring as $alarm over $threshold % of $seconds s', ({ alarm, threshold, seconds, expression }) => {
    const properties = named(`observability-${alarm}`);
    const metrics = asList(at(properties, 'Metrics'));
    expect(at(properties, 'Threshold')).toBe(threshold);
    expect(at(properties, 'EvaluationPeriods')).toBe(1);
    expect(at(metrics[0], 'Expression')).toBe(expression);
    expect(metrics.slice(1).map((metric) => at(metric, 'MetricStat', 'Period'))).toEqual([seconds, seconds]);
    expect(metrics.slice(1).map((metric) => at(metric, 'MetricStat', 'Metric', 'MetricName'))).toEqual([
      '5XXError',
      'Count',
    ]);
    expect(metrics.slice(1).map((metric) => at(metric, 'MetricStat', 'Stat'))).toEqual(['Sum', 'Sum']);
  });

  it.each(['dev', 'phase3'] as const)('hold answers on %s to the latency that it promises', (name) => {
    const slow = resources(assembly(name), 'AWS::CloudWatch::Alarm').filter(
      ({ resource }) => at(resource.Properties, 'MetricName') === REQUEST_METRICS.latency,
    );
    expect(
      slow.map(({ resource: { Properties } }) => [
        at(Properties, 'Threshold'),
        at(Properties, 'Period'),
        at(Properties, 'DatapointsToAlarm'),
        at(Properties, 'EvaluationPeriods'),
      ]),
    ).toEqual([
      [loadStage(name).alarms.p95Milliseconds, 60, 3, 5],
      [loadStage(name).alarms.p95Milliseconds, 60, 12, 15],
    ]);
  });
});

describe('throttles', () => {
  it.each(STAGE_NAMES)('of every function of %s are in one alarm', (name) => {
    const given = assembly(name);
    const watched = resources(given, 'AWS::CloudWatch::Alarm')
      .flatMap(({ resource }) => asList(at(resource.Properties, 'Metrics')))
      .filter((metric) => at(metric, 'MetricStat', 'Metric', 'MetricName') === 'Throttles')
      .map((metric) => flatten(at(metric, 'MetricStat', 'Metric', 'Dimensions', 0, 'Value')));
    const functions = resources(given, 'AWS::Lambda::Function').flatMap((located) =>
      published(located, null),
    );
    expect(watched.toSorted()).toEqual(functions.toSorted());
  });
});
