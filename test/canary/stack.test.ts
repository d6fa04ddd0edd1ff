import { describe, expect, it } from 'vitest';
import { canaryEnvironmentSchema, canaryRequestSchema } from '../../lambdas/contracts/canary-environment.ts';
import { METRICS } from '../../lambdas/contracts/metric-names.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { synthesise } from '../infrastructure/synthesis.ts';
import { type Assembly, asList, at, type LocatedResource, resources } from '../infrastructure/template.ts';

const dev = synthesise('dev');
const phase1 = synthesise('phase1');

function canaries(assembly: Assembly, type: string): LocatedResource[] {
  return resources(assembly, type).filter(({ stack }) => stack.id === 'Canary');
}

/** What the canary is called with, by how often. */
function runsOf(assembly: Assembly): Record<string, readonly string[]> {
  const runs = canaries(assembly, 'AWS::Events::Rule').map(({ resource }) => [
    String(at(resource.Properties, 'ScheduleExpression')),
    canaryRequestSchema.parse(JSON.parse(String(at(resource.Properties, 'Targets', 0, 'Input')))).parts,
  ]);
  return Object.fromEntries(runs);
}

describe('the canary', () => {
  it('does everything every five minutes, but where that would keep a database awake', () => {
    expect(runsOf(phase1)).toEqual({ 'rate(5 minutes)': ['request', 'upload', 'items'] });
    expect(loadStage('dev').database.minCapacity).toBe(0);
    expect(runsOf(dev)).toEqual({ 'rate(5 minutes)': ['request'], 'rate(1 day)': ['upload'] });
  });

  it('may write tokens, and nothing else', () => {
    const [policy, ...others] = canaries(phase1, 'AWS::IAM::Policy');
    expect(others).toEqual([]);
    const statements = asList(at(policy!.resource.Properties, 'PolicyDocument', 'Statement'));
    const actions = statements.flatMap((statement) => asList(at(statement, 'Action')));
    expect(actions.filter((action) => !/^(logs|xray):/.test(String(action)))).toEqual(['dynamodb:PutItem']);
  });

  it('is given what it reads, and stands outside of the network', () => {
    const [{ resource }] = canaries(phase1, 'AWS::Lambda::Function') as [LocatedResource];
    const variables = at(resource.Properties, 'Environment', 'Variables') ?? {};
    expect(Object.keys(variables)).toEqual(
      expect.arrayContaining(Object.keys(canaryEnvironmentSchema.shape)),
    );
    expect(at(resource.Properties, 'VpcConfig')).toBeUndefined();
  });

  it.each([
    [METRICS.canaryPassed, { Threshold: 1, EvaluationPeriods: 3, TreatMissingData: 'breaching' }],
    [METRICS.canaryWrong, { Threshold: 0, EvaluationPeriods: 1, TreatMissingData: 'notBreaching' }],
  ])('is watched by %s', (MetricName, expected) => {
    const found = canaries(phase1, 'AWS::CloudWatch::Alarm').filter(
      ({ resource }) => at(resource.Properties, 'MetricName') === MetricName,
    );
    expect(found.map(({ resource }) => resource.Properties)).toEqual([
      expect.objectContaining({ ...expected, Namespace: 'creative-dynamics', Period: 300, Statistic: 'Sum' }),
    ]);
  });
});

describe('every function', () => {
  it.each([
    ['dev', dev, 'DEBUG'],
    ['phase1', phase1, 'INFO'],
  ] as const)(
    'of %s writes what the stage says, and Lambda drops no line with metrics',
    (name, assembly, level) => {
      const functions = resources(assembly, 'AWS::Lambda::Function');
      expect(functions.length).toBeGreaterThan(10);
      for (const { resource, where } of functions) {
        const { logLevel } = loadStage(name);
        expect([where, at(resource.Properties, 'Environment', 'Variables', 'LOG_LEVEL')]).toEqual([
          where,
          logLevel,
        ]);
        expect(at(resource.Properties, 'LoggingConfig')).toMatchObject({
          LogFormat: 'JSON',
          ApplicationLogLevel: level,
          SystemLogLevel: 'INFO',
        });
      }
    },
  );
});
