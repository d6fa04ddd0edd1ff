import { describe, expect, it } from 'vitest';
import { STAGE_NAMES } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { synthesise } from './synthesis.ts';
import { at, flatten, resources, target } from './template.ts';

const assemblies = new Map(STAGE_NAMES.map((name) => [name, synthesise(name)]));
const phase1 = assemblies.get('phase1')!;

function propertiesOf(type: string, start = '') {
  return resources(phase1, type)
    .filter(({ logicalId }) => logicalId.startsWith(start))
    .map(({ resource }) => resource.Properties);
}

describe('workers', () => {
  it('take one message at a time, and those who deliver to webhooks ten', () => {
    const sizes = resources(phase1, 'AWS::Lambda::EventSourceMapping').map(({ resource: { Properties } }) => [
      target(at(Properties, 'FunctionName'))?.replace(/Function[0-9A-F]{8}$/, ''),
      at(Properties, 'BatchSize'),
    ]);
    expect(Object.fromEntries(sizes)).toEqual({
      PipelinePlanUpload: 1,
      PipelineScanAndAnalyse: 1,
      PipelineWriteReport: 1,
      WebhooksDeliver: 10,
    });
  });
});

describe('requests', () => {
  it('may take what API Gateway waits for, 29 s, and callers are looked up within 5', () => {
    const timeouts = ['Control', 'Query', 'Analyze', 'Authorize'].map((name) =>
      at(propertiesOf('AWS::Lambda::Function', `Functions${name}`)[0], 'Timeout'),
    );
    expect(timeouts).toEqual([29, 29, 29, 5]);
    const methods = propertiesOf('AWS::ApiGateway::Method');
    const own = methods.filter((method) => at(method, 'Integration', 'TimeoutInMillis') !== undefined);
    expect(own).toEqual([]);
  });

  it.each(STAGE_NAMES)('of all together are as many on %s as its usage plan says', (name) => {
    const { rate, burst } = loadStage(name).api.throttle;
    const [plan, ...others] = resources(assemblies.get(name)!, 'AWS::ApiGateway::UsagePlan');
    expect(others).toEqual([]);
    expect(at(plan!.resource.Properties, 'Throttle')).toEqual({ RateLimit: rate, BurstLimit: burst });
    // Users of the guide ask every 2.1 s.
    const users = { dev: 100, phase1: 100, phase2: 500, phase3: 1000, phase4: 1000 }[name];
    expect(rate).toBeGreaterThan(2 * (users / 2.1));
  });

  it('are handed to functions by API Gateway, of one Region', () => {
    const [api] = propertiesOf('AWS::ApiGateway::RestApi');
    expect(at(api, 'EndpointConfiguration', 'Types')).toEqual(['REGIONAL']);
    const integrations = propertiesOf('AWS::ApiGateway::Method').map((method) => at(method, 'Integration'));
    expect(new Set(integrations.map((one) => at(one, 'Type')))).toEqual(new Set(['AWS_PROXY']));
    for (const one of integrations) expect(flatten(at(one, 'Uri'))).toMatch(/:lambda:path\/2015-03-31/);
  });
});

describe('the database', () => {
  it('shares most of its connections by a proxy, which lets nobody wait longer than its clients do', () => {
    const [group] = propertiesOf('AWS::RDS::DBProxyTargetGroup');
    expect(at(group, 'ConnectionPoolConfigurationInfo')).toMatchObject({
      MaxConnectionsPercent: 70,
      ConnectionBorrowTimeout: 30,
    });
    expect(resources(assemblies.get('dev')!, 'AWS::RDS::DBProxy')).toEqual([]);
  });

  it('writes no statements down', () => {
    const parameters = propertiesOf('AWS::RDS::DBClusterParameterGroup').map((group) =>
      at(group, 'Parameters'),
    );
    expect(parameters).toEqual([{ 'rds.force_ssl': '1' }]);
    expect(at(propertiesOf('AWS::RDS::DBProxy')[0], 'DebugLogging') ?? false).toBe(false);
  });
});
