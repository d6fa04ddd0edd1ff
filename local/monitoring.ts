import type { ScalableCapacity } from './autoscaling/capacity.ts';
import { Scaling } from './autoscaling/deploy.ts';
import { CloudWatch, type CloudWatchOptions } from './cloudwatch/deploy.ts';

export interface MonitoringOptions extends Omit<CloudWatchOptions, 'made' | 'onAlarm'> {
  /** What there is to scale. */
  readonly capacities: readonly ScalableCapacity[];
  /** Told what people should hear of. */
  readonly onNews: (line: string) => void;
}

export interface Monitoring {
  readonly cloudwatch: CloudWatch;
  readonly scaling: Scaling;
}

/** Sets up what watches a deployment and what scales it, each of which acts on the other. */
export function buildMonitoring({ capacities, onNews, ...options }: MonitoringOptions): Monitoring {
  const { resources, timeline, logs } = options;
  const log = logs.of('scaling');
  const scaling = new Scaling({ resources, capacities, timeline, log, onScaled: onNews });
  const cloudwatch = new CloudWatch({ ...options, made: scaling.alarms, onAlarm: onNews });
  scaling.register(cloudwatch.actions);
  return { cloudwatch, scaling };
}
