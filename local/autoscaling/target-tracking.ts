import { z } from 'zod';
import { arn } from '../account.ts';
import type { MetricAlarm } from '../cloudwatch/alarms/definition.ts';
import {
  checkReferences,
  dimensionsSchema,
  type Query,
  querySchema,
  readQuery,
  statisticQuery,
} from '../cloudwatch/queries.ts';

// A period is always a minute, which a policy does not say.
const PERIOD = 60;
const HIGH_PERIODS = 3;
const LOW_PERIODS = 15;
/** Below this share of the target for long, capacity is given back. */
const LOW_SHARE = 0.9;

const withoutPeriodSchema = z.looseObject({ MetricStat: z.looseObject({}) });

const metricSchema = z.preprocess((query) => {
  const { data } = withoutPeriodSchema.safeParse(query);
  return data === undefined ? query : { ...data, MetricStat: { Period: PERIOD, ...data.MetricStat } };
}, querySchema);

export const targetTrackingSchema = z.looseObject({
  TargetValue: z.coerce.number().positive(),
  DisableScaleIn: z.boolean().default(false),
  ScaleInCooldown: z.coerce.number().nonnegative().optional(),
  ScaleOutCooldown: z.coerce.number().nonnegative().optional(),
  CustomizedMetricSpecification: z.looseObject({
    Namespace: z.string().optional(),
    MetricName: z.string().optional(),
    Statistic: z.string().optional(),
    Dimensions: dimensionsSchema,
    Metrics: z.array(metricSchema).min(1).optional(),
  }),
});

export type TargetTracking = z.infer<typeof targetTrackingSchema>;

/** What follows a target, and is told by its alarms when it is off. */
export interface TrackingSubject {
  readonly resourceId: string;
  readonly policyArn: string;
  readonly stackName: string;
}

export interface TrackingAlarms {
  readonly high: MetricAlarm;
  /** Undefined when the policy never gives capacity back. */
  readonly low: MetricAlarm | undefined;
}

/**
 * The two alarms that Application Auto Scaling makes for a policy: above the target for three minutes, and well below it
 * for fifteen.
 *
 * @throws Error saying what of its metric is not imitated
 */
export function trackingAlarms(policy: TargetTracking, subject: TrackingSubject): TrackingAlarms {
  const queries = queriesOf(policy);
  checkReferences(queries);
  const [watched, ...others] = queries.filter(({ returned }) => returned);
  if (watched === undefined || others.length > 0)
    throw new Error('it does not follow one metric or expression');
  const name = (which: string): string => `TargetTracking-${subject.resourceId}-Alarm${which}`;
  const common = {
    kind: 'metric' as const,
    description: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${subject.policyArn}.`,
    stackName: subject.stackName,
    actions: { OK: [], ALARM: [subject.policyArn], INSUFFICIENT_DATA: [] },
    actionsEnabled: true,
    queries,
    watched: watched.id,
    period: PERIOD,
    treatMissingData: 'missing' as const,
    ignoresLowSamples: false,
  };
  const alarm = (which: string): Pick<MetricAlarm, 'name' | 'arn'> => ({
    name: name(which),
    arn: arn('cloudwatch', `alarm:${name(which)}`),
  });
  return {
    high: {
      ...common,
      ...alarm('High'),
      comparison: 'GreaterThanThreshold',
      threshold: policy.TargetValue,
      evaluationPeriods: HIGH_PERIODS,
      datapointsToAlarm: HIGH_PERIODS,
    },
    low: policy.DisableScaleIn
      ? undefined
      : {
          ...common,
          ...alarm('Low'),
          comparison: 'LessThanThreshold',
          threshold: policy.TargetValue * LOW_SHARE,
          evaluationPeriods: LOW_PERIODS,
          datapointsToAlarm: LOW_PERIODS,
        },
  };
}

/** The capacity that brings a metric to its target, if it falls as capacity rises. */
export function trackedCapacity({ TargetValue }: TargetTracking, value: number, current: number): number {
  // Without what binary fractions add, or 7 × 0.7 would want eight for 0.7.
  return Math.ceil(Number(((current * value) / TargetValue).toPrecision(12)));
}

function queriesOf({ CustomizedMetricSpecification: specification }: TargetTracking): Query[] {
  if (specification.Metrics !== undefined) return specification.Metrics.map(readQuery);
  const {
    Namespace: namespace,
    MetricName: name,
    Statistic: statistic,
    Dimensions: dimensions,
  } = specification;
  if (namespace === undefined || name === undefined || statistic === undefined)
    throw new Error('it follows neither a metric nor an expression');
  const metric = { namespace, name, dimensions };
  return [statisticQuery({ id: 'm1', label: name, returned: true }, metric, { statistic, period: PERIOD })];
}
