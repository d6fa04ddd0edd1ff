import { asList, at, type Json } from '../template.ts';
import { type Break, resource } from './mutations.ts';

type Metrics = { [name: string]: Json }[];

/** Changes the metrics of the alarm for throttled requests to the jobs table, the expression first. */
function change(metrics: (before: Metrics) => void): Break['inflict'] {
  return (assembly) => {
    const { Properties } = resource(assembly, 'Storage', 'JobsThrottled');
    const changed = asList(Properties['Metrics']).map((metric) => ({ ...Object(metric) }) as Metrics[number]);
    metrics(changed);
    Properties['Metrics'] = changed;
  };
}

/** Mistakes with what is computed of metrics. */
export const EXPRESSION_BREAKS: readonly Break[] = [
  {
    invariant: 'expressionsAreKnown',
    what: 'an alarm that searches',
    inflict: change(([expression]) => {
      expression!['Expression'] = `SEARCH('{AWS/DynamoDB} MetricName="ReadThrottleEvents"', 'Sum', 60)`;
    }),
    finding: 'computes nothing by SEARCH',
  },
  {
    invariant: 'expressionsAreKnown',
    what: 'a metric that is not there',
    inflict: change(([expression]) => {
      expression!['Expression'] = 'm0 + m9';
    }),
    finding: 'computes nothing by m0 + m9',
  },
  {
    invariant: 'expressionsAreKnown',
    what: 'two series in one alarm',
    inflict: change(([, metric]) => {
      metric!['ReturnData'] = true;
    }),
    finding: 'returns 2 series',
  },
  {
    invariant: 'expressionsAreKnown',
    what: 'a metric whose name begins with a capital',
    inflict: change(([, metric]) => {
      metric!['Id'] = 'Reads';
    }),
    finding: 'calls a metric Reads',
  },
  {
    invariant: 'expressionsAreKnown',
    what: 'two metrics of one name',
    inflict: change(([, metric]) => {
      metric!['Id'] = 'm1';
    }),
    finding: 'calls two metrics the same',
  },
  {
    invariant: 'expressionsAreKnown',
    what: 'scaling by something that cannot be computed',
    inflict: (assembly) => {
      const { Properties } = resource(assembly, 'Api', 'FunctionsControlLiveLoad');
      const metrics = at(
        Properties['TargetTrackingScalingPolicyConfiguration'],
        'CustomizedMetricSpecification',
        'Metrics',
      );
      Object.assign(Object(asList(metrics)[0]), { Expression: 'MAX([u, inv' });
    },
    finding: 'Api/FunctionsControlLiveLoad',
  },
];
