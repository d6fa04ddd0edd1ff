import { z } from 'zod';
import type { DeployedResource } from '../../assembly/deployment.ts';
import { KEEP_MS } from '../metrics.ts';
import {
  checkReferences,
  dimensionsSchema,
  type Query,
  querySchema,
  readQuery,
  statisticQuery,
} from '../queries.ts';
import { type AlarmState, type Criteria, MISSING_DATA_TREATMENTS } from './judge.ts';
import { alarmName, parseRule, type Rule } from './rule.ts';
import type { SuppressionSettings } from './suppression.ts';

interface Common {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly stackName: string;
  /** ARNs by the state that is come to. */
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
  /** Whether these are taken, until somebody switches them. */
  readonly actionsEnabled: boolean;
}

export interface MetricAlarm extends Common, Criteria {
  readonly kind: 'metric';
  readonly queries: readonly Query[];
  /** Id of the query that is held against the threshold. */
  readonly watched: string;
  /** Seconds. */
  readonly period: number;
  readonly comparison: Comparison;
  readonly threshold: number;
  /** Whether a percentile of few values does not count. */
  readonly ignoresLowSamples: boolean;
}

export interface CompositeAlarm extends Common {
  readonly kind: 'composite';
  readonly rule: Rule;
  readonly ruleText: string;
  readonly suppression: SuppressionSettings | undefined;
}

export type AlarmDefinition = MetricAlarm | CompositeAlarm;

const COMPARISONS = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
} as const satisfies Record<string, (value: number, threshold: number) => boolean>;

type Comparison = keyof typeof COMPARISONS;

const actionsSchema = z.array(z.string()).default([]);

const commonSchema = z.looseObject({
  AlarmDescription: z.string().default(''),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: actionsSchema,
  OKActions: actionsSchema,
  InsufficientDataActions: actionsSchema,
});

const metricAlarmSchema = commonSchema.extend({
  ComparisonOperator: z.enum([
    'GreaterThanOrEqualToThreshold',
    'GreaterThanThreshold',
    'LessThanOrEqualToThreshold',
    'LessThanThreshold',
  ]),
  Threshold: z.coerce.number(),
  EvaluationPeriods: z.coerce.number().int().positive(),
  DatapointsToAlarm: z.coerce.number().int().positive().optional(),
  TreatMissingData: z.enum(MISSING_DATA_TREATMENTS).optional(),
  EvaluateLowSampleCountPercentile: z.enum(['evaluate', 'ignore']).default('evaluate'),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensionsSchema,
  Period: z.coerce.number().optional(),
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Metrics: z.array(querySchema).optional(),
});

const compositeAlarmSchema = commonSchema.extend({
  AlarmRule: z.string(),
  ActionsSuppressor: z.string().optional(),
  ActionsSuppressorWaitPeriod: z.coerce.number().default(0),
  ActionsSuppressorExtensionPeriod: z.coerce.number().default(0),
});

export function isBreaching({ comparison, threshold }: MetricAlarm, value: number): boolean {
  return COMPARISONS[comparison](value, threshold);
}

/** Reads an alarm of the templates. @throws Error saying what of it is not imitated */
export function readAlarm(resource: DeployedResource): AlarmDefinition {
  return resource.type === 'AWS::CloudWatch::CompositeAlarm'
    ? readCompositeAlarm(resource)
    : readMetricAlarm(resource);
}

function readCompositeAlarm(resource: DeployedResource): CompositeAlarm {
  const properties = parse(compositeAlarmSchema, resource);
  const { AlarmRule: ruleText, ActionsSuppressor: suppressor } = properties;
  return {
    kind: 'composite',
    ...common(resource, properties),
    rule: parseRule(ruleText),
    ruleText,
    suppression:
      suppressor === undefined
        ? undefined
        : {
            suppressor: alarmName(suppressor),
            waitSeconds: properties.ActionsSuppressorWaitPeriod,
            extensionSeconds: properties.ActionsSuppressorExtensionPeriod,
          },
  };
}

function readMetricAlarm(resource: DeployedResource): MetricAlarm {
  const properties = parse(metricAlarmSchema, resource);
  const { EvaluationPeriods: evaluationPeriods } = properties;
  const queries = queriesOf(properties);
  checkReferences(queries);
  const watched = queries.filter(({ returned }) => returned);
  const [only] = watched;
  if (only === undefined || watched.length > 1) throw new Error('it does not watch one metric or expression');
  const period = periodOf(queries);
  if (period * evaluationPeriods * 1000 > KEEP_MS) throw new Error('it looks back for more than a day');
  return {
    kind: 'metric',
    ...common(resource, properties),
    queries,
    watched: only.id,
    period,
    comparison: properties.ComparisonOperator,
    threshold: properties.Threshold,
    evaluationPeriods,
    datapointsToAlarm: properties.DatapointsToAlarm ?? evaluationPeriods,
    treatMissingData: properties.TreatMissingData ?? (watchesDynamoDb(queries) ? 'ignore' : 'missing'),
    ignoresLowSamples: properties.EvaluateLowSampleCountPercentile === 'ignore',
  };
}

function parse<T>(schema: z.ZodType<T>, { properties }: DeployedResource): T {
  const parsed = schema.safeParse(properties);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

function common(
  { identity, stackName }: DeployedResource,
  properties: z.output<typeof commonSchema>,
): Common {
  return {
    name: identity.name,
    arn: identity.attributes?.['Arn'] ?? '',
    description: properties.AlarmDescription,
    stackName,
    actions: {
      OK: properties.OKActions,
      ALARM: properties.AlarmActions,
      INSUFFICIENT_DATA: properties.InsufficientDataActions,
    },
    actionsEnabled: properties.ActionsEnabled,
  };
}

function queriesOf(properties: z.output<typeof metricAlarmSchema>): Query[] {
  if (properties.Metrics !== undefined) return properties.Metrics.map(readQuery);
  const { Namespace: namespace, MetricName: name, Dimensions: dimensions, Period: period } = properties;
  const statistic = properties.Statistic ?? properties.ExtendedStatistic;
  if (namespace === undefined || name === undefined || period === undefined || statistic === undefined)
    throw new Error('it watches neither a metric nor an expression');
  const metric = { namespace, name, dimensions };
  return [statisticQuery({ id: 'm1', label: name, returned: true }, metric, { statistic, period })];
}

function periodOf(queries: readonly Query[]): number {
  const periods = new Set(queries.flatMap((query) => (query.kind === 'statistic' ? query.period : [])));
  const [period] = periods;
  if (period === undefined) throw new Error('its expression has no metric');
  if (periods.size > 1) throw new Error('an expression over different periods is not imitated');
  return period;
}

/** Alarms of these keep their state without data, unless they say otherwise. */
function watchesDynamoDb(queries: readonly Query[]): boolean {
  return queries.some((query) => query.kind === 'statistic' && query.metric.namespace === 'AWS/DynamoDB');
}
