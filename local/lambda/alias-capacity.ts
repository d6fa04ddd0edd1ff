import type { ScalableCapacity } from '../autoscaling/capacity.ts';
import type { ProvisionedConcurrency } from './provisioned-concurrency.ts';

/** Provisioned concurrency of aliases, as Application Auto Scaling moves it. @param provisioned by its resource id */
export function aliasCapacities(
  provisioned: ReadonlyMap<string, ProvisionedConcurrency>,
): ScalableCapacity[] {
  return [...provisioned].map(([resourceId, concurrency]) => ({
    dimension: 'lambda:function:ProvisionedConcurrency',
    resourceId,
    least: 1,
    get capacity() {
      return concurrency.requested;
    },
    scaleTo: (units) => concurrency.request(units),
  }));
}
