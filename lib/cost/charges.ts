import { z } from 'zod';
import {
  HOURS_A_MONTH,
  LEAST_CACHE_GIGABYTES,
  LEAST_POLLERS,
  LEAST_PROXY_UNITS,
  PRICES,
  SECONDS_A_POLL,
} from './prices.ts';
import { runsAMonth } from './schedule.ts';
import { referredTo, refersTo, type Template } from './template.ts';

/** Lines of the bill. */
export const COST_LINES = [
  'Aurora, at its smallest',
  'RDS Proxy',
  'environments kept ready',
  'pollers kept ready',
  'firewall',
  'cache, empty',
  'alarms and dashboard',
  'polling of queues',
  'functions called by the clock',
  'keys and secrets',
  'endpoints and NAT',
] as const;

export type CostLine = (typeof COST_LINES)[number];

interface Charge {
  readonly line: CostLine;
  readonly dollars: number;
}

type Properties = Readonly<Record<string, unknown>>;

/**
 * Longest that a run by the clock is taken to need when there is nothing to do. It is an assumption: what they do then
 * is to ask one table or queue.
 */
const SECONDS_A_RUN = 1;
const MEBIBYTES_PER_GIGABYTE = 1024;
const CLUSTER_TYPE = 'AWS::RDS::DBCluster';

/** What a resource of a type costs a month while it is only there. */
export const CHARGES: Readonly<Record<string, (properties: Properties, template: Template) => Charge[]>> = {
  'AWS::RDS::DBInstance': (properties, template) => {
    const { DBClusterIdentifier } = instanceSchema.parse(properties);
    const units = leastCapacity(referredTo(template, DBClusterIdentifier).Properties);
    return [{ line: 'Aurora, at its smallest', dollars: hourly(units * PRICES.auroraCapacity.dollars) }];
  },
  'AWS::RDS::DBProxy': (_, template) => {
    const units = Object.entries(template.Resources)
      .filter(([, { Type }]) => Type === CLUSTER_TYPE)
      .map(([id, cluster]) => leastCapacity(cluster.Properties) * instancesOf(template, id));
    const charged = Math.max(LEAST_PROXY_UNITS, ...units);
    return [{ line: 'RDS Proxy', dollars: hourly(charged * PRICES.proxyCapacity.dollars) }];
  },
  'AWS::Lambda::Alias': ready,
  'AWS::Lambda::Version': ready,
  'AWS::Lambda::EventSourceMapping': (properties) => {
    const { MinimumPollers } = mappingSchema.parse(properties).ProvisionedPollerConfig ?? {};
    const polls = ((MinimumPollers ?? LEAST_POLLERS) * HOURS_A_MONTH * 3600) / SECONDS_A_POLL;
    return [
      { line: 'pollers kept ready', dollars: hourly((MinimumPollers ?? 0) * PRICES.lambdaPoller.dollars) },
      { line: 'polling of queues', dollars: polls * PRICES.queueRequest.dollars },
    ];
  },
  'AWS::WAFv2::WebACL': (properties) => {
    const rules = z.object({ Rules: z.array(z.unknown()) }).parse(properties).Rules.length;
    return [{ line: 'firewall', dollars: PRICES.firewall.dollars + rules * PRICES.firewallRule.dollars }];
  },
  'AWS::ElastiCache::ServerlessCache': (properties) => {
    const least = cacheSchema.parse(properties).CacheUsageLimits.DataStorage.Minimum ?? 0;
    const gigabytes = Math.max(LEAST_CACHE_GIGABYTES, least);
    return [{ line: 'cache, empty', dollars: hourly(gigabytes * PRICES.cacheStorage.dollars) }];
  },
  'AWS::CloudWatch::Alarm': (properties) => {
    const { Period, Metrics } = alarmSchema.parse(properties);
    // Of maths, each metric that goes into it.
    const metrics = Metrics?.flatMap(({ MetricStat }) => MetricStat ?? []) ?? [{ Period }];
    const dollars = metrics.map(({ Period: seconds = 60 }) =>
      seconds < 60 ? PRICES.alarmMetricHighResolution.dollars : PRICES.alarmMetric.dollars,
    );
    return dollars.map((each) => ({ line: 'alarms and dashboard', dollars: each }));
  },
  'AWS::CloudWatch::CompositeAlarm': () => [
    { line: 'alarms and dashboard', dollars: PRICES.alarmComposite.dollars },
  ],
  'AWS::CloudWatch::Dashboard': () => [{ line: 'alarms and dashboard', dollars: PRICES.dashboard.dollars }],
  'AWS::Events::Rule': (properties, template) => {
    const { ScheduleExpression, Targets = [] } = ruleSchema.parse(properties);
    if (ScheduleExpression === undefined) return [];
    const run = Targets.map(({ Arn }) => runDollars(template, Arn)).reduce((sum, each) => sum + each, 0);
    return [{ line: 'functions called by the clock', dollars: runsAMonth(ScheduleExpression) * run }];
  },
  'AWS::KMS::Key': () => [{ line: 'keys and secrets', dollars: PRICES.encryptionKey.dollars }],
  'AWS::SecretsManager::Secret': () => [{ line: 'keys and secrets', dollars: PRICES.secret.dollars }],
  'AWS::EC2::VPCEndpoint': (properties) => {
    const { VpcEndpointType, SubnetIds = [] } = endpointSchema.parse(properties);
    if (VpcEndpointType !== 'Interface') return [];
    const dollars = hourly(SubnetIds.length * PRICES.interfaceEndpoint.dollars);
    return [{ line: 'endpoints and NAT', dollars }];
  },
  'AWS::EC2::NatGateway': () => [{ line: 'endpoints and NAT', dollars: hourly(PRICES.natGateway.dollars) }],
};

const instanceSchema = z.object({
  DBInstanceClass: z.literal('db.serverless'),
  DBClusterIdentifier: z.unknown(),
});
const clusterSchema = z.object({
  ServerlessV2ScalingConfiguration: z.object({ MinCapacity: z.number() }),
});
const provisionedSchema = z.object({
  FunctionName: z.unknown(),
  ProvisionedConcurrencyConfig: z.object({ ProvisionedConcurrentExecutions: z.number() }).optional(),
});
const functionSchema = z.object({ MemorySize: z.number().default(128) });
const mappingSchema = z.object({
  ProvisionedPollerConfig: z.object({ MinimumPollers: z.number() }).optional(),
});
const cacheSchema = z.object({
  CacheUsageLimits: z.object({ DataStorage: z.object({ Minimum: z.number().optional() }) }),
});
const alarmSchema = z.object({
  Period: z.number().optional(),
  Metrics: z.array(z.object({ MetricStat: z.object({ Period: z.number() }).optional() })).optional(),
});
const ruleSchema = z.object({
  ScheduleExpression: z.string().optional(),
  Targets: z.array(z.object({ Arn: z.unknown() })).optional(),
});
const endpointSchema = z.object({
  VpcEndpointType: z.string().optional(),
  SubnetIds: z.array(z.unknown()).optional(),
});

function hourly(dollars: number): number {
  return dollars * HOURS_A_MONTH;
}

function leastCapacity(cluster: Properties): number {
  return clusterSchema.parse(cluster).ServerlessV2ScalingConfiguration.MinCapacity;
}

function instancesOf({ Resources }: Template, cluster: string): number {
  return Object.values(Resources).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::RDS::DBInstance' && refersTo(Properties['DBClusterIdentifier']) === cluster,
  ).length;
}

function gigabytesOf(functionProperties: Properties): number {
  return functionSchema.parse(functionProperties).MemorySize / MEBIBYTES_PER_GIGABYTE;
}

/** Environments that an alias or version keeps ready, of which a template has the fewest. */
function ready(properties: Properties, template: Template): Charge[] {
  const { FunctionName, ProvisionedConcurrencyConfig } = provisionedSchema.parse(properties);
  if (ProvisionedConcurrencyConfig === undefined) return [];
  const environments = ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions;
  const gigabytes = environments * gigabytesOf(referredTo(template, FunctionName).Properties);
  return [
    { line: 'environments kept ready', dollars: hourly(gigabytes * 3600 * PRICES.lambdaReady.dollars) },
  ];
}

/** One call of a function, by itself or by an alias. */
function runDollars(template: Template, arn: unknown): number {
  const called = referredTo(template, arn);
  const { Properties } =
    called.Type === 'AWS::Lambda::Alias' ? referredTo(template, called.Properties['FunctionName']) : called;
  const duration = SECONDS_A_RUN * gigabytesOf(Properties) * PRICES.lambdaDuration.dollars;
  return PRICES.lambdaRequest.dollars + duration;
}
