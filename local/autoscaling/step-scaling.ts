import { z } from 'zod';

export const stepScalingSchema = z.looseObject({
  AdjustmentType: z.enum(['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity']),
  Cooldown: z.coerce.number().nonnegative().default(300),
  MinAdjustmentMagnitude: z.coerce.number().nonnegative().default(0),
  StepAdjustments: z
    .array(
      z.looseObject({
        MetricIntervalLowerBound: z.coerce.number().default(Number.NEGATIVE_INFINITY),
        MetricIntervalUpperBound: z.coerce.number().default(Number.POSITIVE_INFINITY),
        ScalingAdjustment: z.coerce.number(),
      }),
    )
    .min(1),
});

type StepScaling = z.infer<typeof stepScalingSchema>;

/**
 * The capacity that a step scaling policy wants ("How step scaling for Application Auto Scaling works").
 *
 * @param breach value of the metric less the alarm's threshold
 * @param current capacity to count from
 * @returns undefined when none of its steps is for such a breach
 */
export function steppedCapacity(policy: StepScaling, breach: number, current: number): number | undefined {
  const step = policy.StepAdjustments.find(
    ({ MetricIntervalLowerBound: low, MetricIntervalUpperBound: up }) =>
      // The end that is nearer to the threshold is part of an interval.
      breach >= 0 ? breach >= low && breach < up : breach > low && breach <= up,
  );
  if (step === undefined) return undefined;
  const { ScalingAdjustment: by } = step;
  switch (policy.AdjustmentType) {
    case 'ExactCapacity':
      return by;
    case 'ChangeInCapacity':
      return current + by;
    case 'PercentChangeInCapacity':
      return current + atLeast(policy.MinAdjustmentMagnitude, wholeChange((current * by) / 100));
  }
}

/** Towards zero, but never to it: "between 0 and 1 is rounded to 1". */
function wholeChange(change: number): number {
  return Math.abs(change) < 1 ? Math.sign(change) : Math.trunc(change);
}

function atLeast(magnitude: number, change: number): number {
  return Math.sign(change) * Math.max(magnitude, Math.abs(change));
}
