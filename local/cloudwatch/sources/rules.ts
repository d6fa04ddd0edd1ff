import type { MetricStore } from '../metrics.ts';

/** Counts what rules deliver as `AWS/Events`. Schedules of EventBridge Scheduler are another service's. */
export function deliveryMeter(store: MetricStore): (sourceArn: string, delivered: boolean) => void {
  return (sourceArn, delivered) => {
    const [, RuleName] = /:rule\/(.+)$/.exec(sourceArn) ?? [];
    if (RuleName === undefined) return;
    const datum = { namespace: 'AWS/Events', dimensions: { RuleName } };
    store.record({ ...datum, name: 'Invocations', value: 1 });
    store.record({ ...datum, name: 'FailedInvocations', value: delivered ? 0 : 1 });
  };
}
