import { describe, expect, it } from 'vitest';
import {
  type CapacityPlan,
  CONTROLLER_SECONDS,
  capacityPlanSchema,
} from '../../lambdas/contracts/capacity.ts';
import { STAGE_NAMES, type Stage } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { WORK_QUEUE_NAMES, WORK_QUEUES, workerCap } from '../../lib/config/work-queues.ts';
import { synthesise } from './synthesis.ts';
import { type Assembly, asList, at, flatten, type LocatedResource, resources, target } from './template.ts';

const assemblies = new Map(STAGE_NAMES.map((name) => [name, synthesise(name)]));
const phase1 = assemblies.get('phase1')!;

function of(assembly: Assembly, type: string, prefix: string): LocatedResource {
  const found = resources(assembly, type).filter(({ logicalId }) => logicalId.startsWith(prefix));
  expect(found.map(({ where }) => where)).toHaveLength(1);
  return found[0]!;
}

const controller = (assembly: Assembly) => of(assembly, 'AWS::Lambda::Function', 'CapacityFunction');

function planOf(assembly: Assembly): CapacityPlan {
  const variables = at(controller(assembly).resource.Properties, 'Environment', 'Variables');
  return capacityPlanSchema.parse(JSON.parse(flatten(at(variables, 'CAPACITY_PLAN'))));
}

/** The mappings of the three queues, by queue. */
function mappings(assembly: Assembly): Map<string, LocatedResource> {
  return new Map(
    WORK_QUEUE_NAMES.map((name) => [
      name,
      resources(assembly, 'AWS::Lambda::EventSourceMapping').find(({ resource }) =>
        target(at(resource.Properties, 'EventSourceArn'))?.toLowerCase().startsWith(`${name}queue`),
      )!,
    ]),
  );
}

function alarm(assembly: Assembly, name: string) {
  const [found, ...more] = resources(assembly, 'AWS::CloudWatch::Alarm').filter(
    ({ resource }) => at(resource.Properties, 'AlarmName') === `creative-dynamics-processing-${name}`,
  );
  expect({ name, found: found !== undefined, more }).toEqual({ name, found: true, more: [] });
  return found!.resource.Properties;
}

describe.each(STAGE_NAMES)('the capacity controller of %s', (name) => {
  const assembly = assemblies.get(name)!;
  const stage: Stage = loadStage(name);
  const plan = planOf(assembly);

  it('knows the bounds of the stage, and which mappings its caps are set at', () => {
    const { least, usual, most } = stage.workers;
    expect(plan.workers).toMatchObject({ least, usual, most });
    expect(plan.cache).toMatchObject(stage.cache);
    for (const queue of WORK_QUEUE_NAMES) {
      const { weight, promisedWaitSeconds } = WORK_QUEUES[queue];
      const mapping = mappings(assembly).get(queue)!;
      expect(plan.workers.queues[queue]).toMatchObject({
        weight,
        promisedWaitSeconds,
        mapping: `\${${mapping.logicalId}}`,
        functionName: `\${${target(mapping.resource.Properties['FunctionName'])}}`,
        queueName: `\${${target(mapping.resource.Properties['EventSourceArn'])}}`,
        queueUrl: `\${${target(mapping.resource.Properties['EventSourceArn'])}}`,
      });
    }
  });

  it('asks about readers and the proxy only where there are any', () => {
    expect(plan.database.hasReaders).toBe(stage.database.readers.fixed > 0);
    expect(plan.database.proxy !== null).toBe(stage.database.proxy);
  });

  it('starts from caps in the proportions it keeps, in steps that all of them can take', () => {
    const caps = [...mappings(assembly)].map(([queue, { resource }]) => {
      const most = at(resource.Properties, 'ScalingConfig', 'MaximumConcurrency');
      const pollers = at(resource.Properties, 'ProvisionedPollerConfig', 'MaximumPollers');
      const isPolled = queue === 'signature' && stage.workers.readyPollers !== null;
      expect(isPolled ? most : pollers).toBeUndefined();
      return [queue, isPolled ? 10 * Number(pollers) : most];
    });
    expect(caps).toEqual(WORK_QUEUE_NAMES.map((queue) => [queue, workerCap(queue, stage.workers.usual)]));
    const { least, usual, most, step } = plan.workers;
    for (const bound of [least, usual, most]) expect(bound % step).toBe(0);
    if (stage.workers.readyPollers !== null) {
      expect(workerCap('signature', step) % 10).toBe(0);
      expect(workerCap('signature', least) / 10).toBeGreaterThanOrEqual(stage.workers.readyPollers);
    }
  });

  it('has workers that the account can run besides the reserve', () => {
    const { reserved } = stage.api;
    const ofApi = reserved === null ? 0 : Object.values(reserved).reduce((sum, each) => sum + each, 0);
    const ofWorkers = WORK_QUEUE_NAMES.reduce((sum, queue) => sum + workerCap(queue, stage.workers.most), 0);
    expect(ofApi + ofWorkers + 100).toBeLessThanOrEqual(stage.alarms.accountConcurrency);
  });
});

describe('the capacity controller', () => {
  it('is called every minute', () => {
    const rule = of(phase1, 'AWS::Events::Rule', 'CapacityControlling').resource.Properties;
    expect(at(rule, 'ScheduleExpression')).toBe('rate(1 minute)');
    expect(at(rule, 'Targets', 0, 'Arn')).toEqual({
      'Fn::GetAtt': [controller(phase1).logicalId, 'Arn'],
    });
  });

  it('is not called for what is a minute old, nor again for what failed', () => {
    const asynchronous = of(phase1, 'AWS::Lambda::EventInvokeConfig', 'Capacity').resource.Properties;
    expect(asynchronous).toMatchObject({
      FunctionName: { Ref: controller(phase1).logicalId },
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
    });
  });

  // A decision is held until whoever carries it out is gone for sure, and no longer than to the next minute.
  it('ends before others may take over what it does', () => {
    expect(at(controller(phase1).resource.Properties, 'Timeout')).toBe(CONTROLLER_SECONDS);
    expect(CONTROLLER_SECONDS).toBeLessThan(50);
  });

  it.each(WORK_QUEUE_NAMES.flatMap((name) => [`${name}-queue-backlog`, `${name}-queue-waiting`]))(
    'is called at once by the alarm %s, which may call it and also tells people',
    (name) => {
      const { logicalId } = controller(phase1);
      const actions = asList(at(alarm(phase1, name), 'AlarmActions'));
      expect(actions).toHaveLength(2);
      expect(actions).toContainEqual({ 'Fn::GetAtt': [logicalId, 'Arn'] });
      const alarms = resources(phase1, 'AWS::CloudWatch::Alarm');
      const own = alarms.find(
        ({ resource }) => at(resource.Properties, 'AlarmName') === `creative-dynamics-processing-${name}`,
      )!;
      const permissions = resources(phase1, 'AWS::Lambda::Permission').filter(
        ({ resource }) => target(at(resource.Properties, 'SourceArn')) === own.logicalId,
      );
      expect(permissions.map(({ resource }) => resource.Properties)).toEqual([
        expect.objectContaining({
          Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
          FunctionName: { 'Fn::GetAtt': [logicalId, 'Arn'] },
        }),
      ]);
    },
  );

  it.each(WORK_QUEUE_NAMES)(
    'is called for the %s queue when draining takes a minute, three times',
    (name) => {
      const properties = alarm(phase1, `${name}-queue-backlog`);
      expect(properties).toMatchObject({
        Threshold: 60,
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 3,
        TreatMissingData: 'notBreaching',
      });
      const metrics = asList(at(properties, 'Metrics'));
      const { weight } = WORK_QUEUES[name];
      expect(at(metrics[0], 'Expression')).toBe(
        `(waiting + handled) * FILL(milliseconds, REPEAT) / 1000 / (${weight} * FILL(multiplier, REPEAT))`,
      );
      const metricOf = (id: string) => {
        const stat = at(
          metrics.find((metric) => at(metric, 'Id') === id),
          'MetricStat',
        );
        return {
          metric: at(stat, 'Metric', 'MetricName'),
          of: target(at(stat, 'Metric', 'Dimensions', 0, 'Value')),
          period: at(stat, 'Period'),
        };
      };
      const mapping = mappings(phase1).get(name)!.resource.Properties;
      const queue = target(mapping['EventSourceArn']);
      expect(metricOf('waiting')).toEqual({
        metric: 'ApproximateNumberOfMessagesVisible',
        of: queue,
        period: 60,
      });
      expect(metricOf('handled')).toMatchObject({
        metric: 'ApproximateNumberOfMessagesNotVisible',
        of: queue,
      });
      expect(metricOf('milliseconds')).toMatchObject({
        metric: 'Duration',
        of: target(mapping['FunctionName']),
      });
      expect(metricOf('multiplier')).toMatchObject({ metric: 'CapacityMultiplier' });
    },
  );

  it.each([
    {
      name: 'capacity-at-most',
      metric: 'CapacityWanted',
      threshold: 10,
      periods: 5,
      missing: 'notBreaching',
    },
    {
      name: 'capacity-held-back',
      metric: 'CapacityHeldBack',
      threshold: 0,
      periods: 5,
      missing: 'notBreaching',
    },
    { name: 'capacity-errors', metric: 'Errors', threshold: 2, periods: 1, missing: 'notBreaching' },
    { name: 'capacity-silent', metric: 'Invocations', threshold: 1, periods: 1, missing: 'breaching' },
  ])('rings $name', ({ name, metric, threshold, periods, missing }) => {
    expect(alarm(phase1, name)).toMatchObject({
      MetricName: metric,
      Threshold: threshold,
      EvaluationPeriods: periods,
      TreatMissingData: missing,
    });
  });

  it('may change three mappings and one cache, and remember what it decided: nothing else', () => {
    const [policy] = resources(phase1, 'AWS::IAM::Policy').filter(({ logicalId }) =>
      logicalId.startsWith('CapacityRole'),
    );
    const statements = asList(at(policy!.resource.Properties, 'PolicyDocument', 'Statement'));
    const granted = (service: string) =>
      statements
        .filter((statement) =>
          asList(at(statement, 'Action')).some((action) => String(action).startsWith(service)),
        )
        .map((statement) => ({
          actions: asList(at(statement, 'Action')),
          resources: asList(at(statement, 'Resource')).map(flatten),
          condition: at(statement, 'Condition'),
        }));
    const services = statements.flatMap((statement) =>
      asList(at(statement, 'Action')).map((action) => String(action).split(':')[0]),
    );
    expect([...new Set(services)].toSorted()).toEqual([
      'cloudwatch',
      'dynamodb',
      'elasticache',
      'lambda',
      'logs',
      'sqs',
      'xray',
    ]);
    expect(granted('sqs:')).toMatchObject([{ actions: ['sqs:GetQueueAttributes'] }]);
    expect(granted('sqs:')[0]?.resources).toHaveLength(3);
    expect(granted('lambda:')).toEqual([
      {
        actions: ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
        resources: [...mappings(phase1).values()].map(
          ({ logicalId }) =>
            `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:event-source-mapping:\${${logicalId}}`,
        ),
        condition: undefined,
      },
    ]);
    const [cache] = granted('elasticache:');
    expect(cache?.actions).toEqual([
      'elasticache:DescribeServerlessCaches',
      'elasticache:ModifyServerlessCache',
    ]);
    expect(cache?.resources).toEqual([
      expect.stringMatching(/:serverlesscache:\$\{creative-dynamics-storage\./),
    ]);
    const [table] = granted('dynamodb:');
    expect(table?.actions).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem']);
    expect(table?.condition).toEqual({
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['capacity'] },
    });
  });
});
