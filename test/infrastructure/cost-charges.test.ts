import { describe, expect, it } from 'vitest';
import { type CostItem, idleCost } from '../../lib/cost/idle-cost.ts';
import { templateSchema } from '../../lib/cost/template.ts';

function costOf(resources: Record<string, { Type: string; Properties?: object }>): CostItem[] {
  return idleCost([templateSchema.parse({ Resources: resources })]).filter(({ dollars }) => dollars > 0);
}

const CLUSTER = (least: number) => ({
  Cluster: {
    Type: 'AWS::RDS::DBCluster',
    Properties: { ServerlessV2ScalingConfiguration: { MinCapacity: least, MaxCapacity: 16 } },
  },
});
const INSTANCE = {
  Type: 'AWS::RDS::DBInstance',
  Properties: { DBInstanceClass: 'db.serverless', DBClusterIdentifier: { Ref: 'Cluster' } },
};
const FUNCTION = { Function: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 512 } } };
const DAY = { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'rate(1 day)' } };

describe('the cost a month', () => {
  it.each([
    {
      what: 'a writer and a reader of one unit',
      resources: { ...CLUSTER(1), Writer: INSTANCE, Reader: INSTANCE },
      line: 'Aurora, at its smallest',
      dollars: 2 * 0.12 * 730,
    },
    {
      what: 'a proxy before a small database',
      resources: { ...CLUSTER(0), Writer: INSTANCE, Proxy: { Type: 'AWS::RDS::DBProxy' } },
      line: 'RDS Proxy',
      dollars: 87.6,
    },
    {
      what: 'an alias with ten environments of 512 MiB, at 8.76 a gigabyte',
      resources: {
        ...FUNCTION,
        Live: {
          Type: 'AWS::Lambda::Alias',
          Properties: {
            FunctionName: { Ref: 'Function' },
            ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 10 },
          },
        },
      },
      line: 'environments kept ready',
      dollars: 10 * 0.5 * 8.76,
    },
    {
      what: 'a queue that Lambda asks five times every 20 s',
      resources: { Mapping: { Type: 'AWS::Lambda::EventSourceMapping' } },
      line: 'polling of queues',
      dollars: 657_000 * 0.4e-6,
    },
    {
      what: 'a firewall of three rules',
      resources: { Acl: { Type: 'AWS::WAFv2::WebACL', Properties: { Rules: [{}, {}, {}] } } },
      line: 'firewall',
      dollars: 8,
    },
    {
      what: 'a cache that may grow, and is empty',
      resources: {
        Cache: {
          Type: 'AWS::ElastiCache::ServerlessCache',
          Properties: { CacheUsageLimits: { DataStorage: { Maximum: 10 } } },
        },
      },
      line: 'cache, empty',
      dollars: 6.132,
    },
    {
      what: 'an alarm over maths of two metrics',
      resources: {
        Alarm: {
          Type: 'AWS::CloudWatch::Alarm',
          Properties: {
            Metrics: [{ Expression: 'a/b' }, { MetricStat: { Period: 60 } }, { MetricStat: { Period: 60 } }],
          },
        },
      },
      line: 'alarms and dashboard',
      dollars: 0.2,
    },
    {
      what: 'an alarm that is evaluated every 10 s, one over both, and a dashboard',
      resources: {
        Fast: { Type: 'AWS::CloudWatch::Alarm', Properties: { Period: 10 } },
        Both: { Type: 'AWS::CloudWatch::CompositeAlarm' },
        Page: { Type: 'AWS::CloudWatch::Dashboard' },
      },
      line: 'alarms and dashboard',
      dollars: 0.3 + 0.5 + 3,
    },
    {
      what: 'a function of 512 MiB that is called every minute, by its alias',
      resources: {
        ...FUNCTION,
        Live: { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: 'Function' } } },
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: { ScheduleExpression: 'rate(1 minute)', Targets: [{ Arn: { Ref: 'Live' } }] },
        },
      },
      line: 'functions called by the clock',
      dollars: 43_800 * (0.2e-6 + 0.5 * 0.0000133334),
    },
    {
      what: 'a key and a secret',
      resources: { Key: { Type: 'AWS::KMS::Key' }, Secret: { Type: 'AWS::SecretsManager::Secret' } },
      line: 'keys and secrets',
      dollars: 1.4,
    },
    {
      what: 'an interface endpoint in two zones, and none for a gateway',
      resources: {
        Queues: {
          Type: 'AWS::EC2::VPCEndpoint',
          Properties: { VpcEndpointType: 'Interface', SubnetIds: ['a', 'b'] },
        },
        Objects: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Gateway' } },
      },
      line: 'endpoints and NAT',
      dollars: 14.6,
    },
  ])('of $what', ({ resources, line, dollars }) => {
    const [item, ...others] = costOf(resources);
    expect(others).toEqual([]);
    expect(item?.line).toBe(line);
    expect(item?.dollars).toBeCloseTo(dollars, 2);
  });

  it('of a proxy follows all instances of a large database', () => {
    const items = costOf({
      ...CLUSTER(8),
      ...{ Writer: INSTANCE, Reader: INSTANCE },
      Proxy: { Type: 'AWS::RDS::DBProxy' },
    });
    expect(items.map(({ dollars }) => Math.round(dollars))).toEqual([1402, 175]);
  });

  it('of ready pollers has what they ask for', () => {
    const Properties = { ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 10 } };
    const items = costOf({ Mapping: { Type: 'AWS::Lambda::EventSourceMapping', Properties } });
    expect(items.map(({ dollars }) => dollars.toFixed(1))).toEqual(['13.5', '0.1']);
  });

  it('of a database that pauses is nothing', () => {
    expect(costOf({ ...CLUSTER(0), Writer: INSTANCE })).toEqual([]);
  });

  it.each([
    {
      what: 'a type nobody has priced',
      resources: { New: { Type: 'AWS::EC2::Instance' } },
      says: 'EC2::Instance',
    },
    {
      what: 'an instance of a fixed size',
      resources: {
        ...CLUSTER(1),
        Writer: { ...INSTANCE, Properties: { ...INSTANCE.Properties, DBInstanceClass: 'db.r8g.large' } },
      },
      says: 'db.serverless',
    },
    {
      what: 'a schedule by the calendar',
      resources: { Rule: { ...DAY, Properties: { ScheduleExpression: 'cron(0 1 * * ? *)' } } },
      says: 'cron(0 1 * * ? *)',
    },
    {
      what: 'what calls a function that is not there',
      resources: { Rule: { ...DAY, Properties: { ...DAY.Properties, Targets: [{ Arn: { Ref: 'Gone' } }] } } },
      says: 'Gone',
    },
  ])('of $what is not made up', ({ resources, says }) => {
    expect(() => costOf(resources)).toThrow(says);
  });
});
