import { type IWidget, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS, REQUEST_METRICS } from '../../../lambdas/contracts/metric-names.ts';
import { API_OBJECTIVE } from '../../../lambdas/contracts/objectives.ts';
import type { Stage } from '../../config/stage.ts';
import type { ApiStack } from '../api.ts';
import { byDimension, graph, own, PERIOD } from './graph.ts';

const ROUTE = 'Route';
const sum = { period: PERIOD, statistic: Stats.SUM };

/** What the API is asked. */
export function trafficWidgets({ api }: ApiStack, { deployment, api: { throttle } }: Stage): IWidget[] {
  const { requests } = REQUEST_METRICS;
  return [
    graph({
      title: 'Requests a second',
      left: [perSecond(api.metricCount(sum), 'requests')],
      leftAnnotations: [{ value: throttle.rate, label: 'let through' }],
      unit: 'requests a second',
    }),
    graph({ title: 'Requests by route', left: [byDimension(deployment, ROUTE, requests, Stats.SUM)] }),
    graph({
      title: 'Held back, or let through unasked',
      left: [
        own(deployment, METRICS.requestsLimited, Stats.SUM, 'over their rate'),
        own(deployment, METRICS.rateLimitsSkipped, Stats.SUM, 'rate not asked'),
        own(deployment, METRICS.answersUnkept, Stats.SUM, 'answers not kept for a repeat'),
      ],
    }),
  ];
}

/** What the API refuses and fails, and what that costs of the budget. */
export function errorWidgets({ api }: ApiStack, { deployment }: Stage): IWidget[] {
  const { serverErrors, clientErrors } = REQUEST_METRICS;
  const share = new MathExpression({
    expression: '100 * errors / requests',
    usingMetrics: { errors: api.metricServerError(sum), requests: api.metricCount(sum) },
    label: 'failed, %',
    period: PERIOD,
  });
  return [
    graph({
      title: 'Failed requests',
      left: [share],
      leftAnnotations: [{ value: API_OBJECTIVE.budgetPercent, label: 'objective' }],
      unit: '%',
    }),
    graph({
      title: 'Failed (5xx) by route, and by API Gateway itself',
      left: [
        byDimension(deployment, ROUTE, serverErrors, Stats.SUM),
        api.metricServerError({ ...sum, label: 'all that API Gateway counts' }),
        own(deployment, METRICS.authorizationsFailed, Stats.SUM, 'nobody knows who called'),
      ],
    }),
    graph({
      title: 'Refused (4xx) by route',
      left: [byDimension(deployment, ROUTE, clientErrors, Stats.SUM)],
    }),
  ];
}

/** How fast the API answers: all together, then route by route. */
export function latencyWidgets({ api }: ApiStack, { deployment, alarms }: Stage): IWidget[][] {
  const { latency } = REQUEST_METRICS;
  const promised = [{ value: alarms.p95Milliseconds, label: 'promised at p95' }];
  const percentiles = [50, 95, 99] as const;
  return [
    [
      graph({
        title: 'All answers within',
        left: percentiles.map((p) => own(deployment, latency, Stats.percentile(p), `p${p}`)),
        leftAnnotations: promised,
        unit: 'milliseconds',
      }),
      graph({
        title: 'API Gateway and what is behind it, held-back answers included',
        width: 16,
        left: [
          api.metricLatency({ period: PERIOD, statistic: Stats.percentile(95), label: 'p95' }),
          api.metricIntegrationLatency({
            period: PERIOD,
            statistic: Stats.percentile(95),
            label: 'p95 of the functions',
          }),
        ],
        unit: 'milliseconds',
      }),
    ],
    percentiles.map((p) =>
      graph({
        title: `Answers by route: p${p}`,
        left: [byDimension(deployment, ROUTE, latency, Stats.percentile(p))],
        ...(p === 95 && { leftAnnotations: promised }),
        unit: 'milliseconds',
      }),
    ),
  ];
}

function perSecond(metric: ReturnType<ApiStack['api']['metricCount']>, label: string): MathExpression {
  return new MathExpression({
    expression: 'requests / PERIOD(requests)',
    usingMetrics: { requests: metric },
    label,
    period: PERIOD,
  });
}
