import { type IWidget, type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS } from '../../../lambdas/contracts/metric-names.ts';
import { API_FUNCTIONS, type Stage } from '../../config/stage.ts';
import type { ApiStack } from '../api.ts';
import { graph, MINUTE, own, PERIOD } from './graph.ts';

/** What the capacity controller decided, why not more, and what is kept ready for the API. */
export function capacityWidgets({ functions: { aliases } }: ApiStack, stage: Stage): IWidget[][] {
  const { deployment, workers } = stage;
  const count = (name: (typeof METRICS)[keyof typeof METRICS], label: string) =>
    own(deployment, name, Stats.SUM, label);
  const decisions = [
    graph({
      title: 'Workers: the multiplier k, enough and decided',
      left: [
        own(deployment, METRICS.capacityWanted, Stats.MAXIMUM, 'enough for the load'),
        own(deployment, METRICS.capacityMultiplier, Stats.MAXIMUM, 'decided'),
      ],
      leftAnnotations: [
        { value: workers.least, label: 'least' },
        { value: workers.usual, label: 'usual' },
        { value: workers.most, label: 'most' },
      ],
    }),
    graph({
      title: 'Capacity: decisions',
      left: [
        count(METRICS.capacityRaised, 'raised'),
        count(METRICS.capacityLowered, 'lowered'),
        count(METRICS.capacityHeldBack, 'held back for the database'),
        count(METRICS.capacityFailed, 'not carried out'),
      ],
    }),
  ];
  if (stage.api.provisioned === null) return [decisions];
  const ofEach = (metricName: string, options: { statistic: string; period: typeof MINUTE }): Metric[] =>
    API_FUNCTIONS.map((name) => aliases[name].alias.metric(metricName, { ...options, label: name }));
  return [
    [
      ...decisions,
      graph({
        title: 'API: requests beyond what is kept ready',
        left: ofEach('ProvisionedConcurrencySpilloverInvocations', {
          statistic: Stats.SUM,
          period: PERIOD,
        }),
      }),
    ],
    [
      graph({
        title: 'API: environments kept ready that run',
        left: ofEach('ProvisionedConcurrentExecutions', { statistic: Stats.MAXIMUM, period: MINUTE }),
      }),
      graph({
        title: 'API: share of those kept ready that run',
        left: ofEach('ProvisionedConcurrencyUtilization', { statistic: Stats.MAXIMUM, period: MINUTE }),
      }),
    ],
  ];
}

/** What a customer of our own finds. */
export function canaryWidgets({ deployment }: Stage): IWidget[] {
  return [
    graph({
      title: 'Canary: runs',
      left: [
        own(deployment, METRICS.canaryPassed, Stats.SUM, 'passed'),
        own(deployment, METRICS.canaryFailed, Stats.SUM, 'failed'),
        own(deployment, METRICS.canaryWrong, Stats.SUM, 'wrong numbers'),
      ],
    }),
    graph({
      title: 'Canary: a run takes',
      left: [own(deployment, METRICS.canarySeconds, Stats.MAXIMUM, 'slowest')],
      unit: 'seconds',
    }),
  ];
}
