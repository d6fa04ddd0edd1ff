import { expect, it } from 'vitest';
import { createEmfMetrics } from '../../lambdas/adapters/emf-metrics.ts';

function createMetrics() {
  const lines: string[] = [];
  const metrics = createEmfMetrics('deployment', { now: () => 1234 }, (line) => lines.push(line));
  return { metrics, documents: (): unknown[] => lines.map((line) => JSON.parse(line)) };
}

it('says everything that was measured in one line', () => {
  const { metrics, documents } = createMetrics();
  metrics.count('RowsScanned', 40);
  metrics.count('RowsScanned', 2);
  metrics.count('JobsSucceeded');
  metrics.seconds('JobSeconds', 1.5);
  metrics.seconds('JobSeconds', 2.5);
  metrics.gauge('CapacityMultiplier', 4);
  metrics.gauge('CapacityMultiplier', 8);
  expect(documents()).toEqual([]);
  metrics.flush();
  expect(documents()).toEqual([
    {
      _aws: {
        Timestamp: 1234,
        CloudWatchMetrics: [
          {
            Namespace: 'deployment',
            Dimensions: [[]],
            Metrics: [
              { Name: 'RowsScanned', Unit: 'Count' },
              { Name: 'JobsSucceeded', Unit: 'Count' },
              { Name: 'JobSeconds', Unit: 'Seconds' },
              { Name: 'CapacityMultiplier', Unit: 'None' },
            ],
          },
        ],
      },
      RowsScanned: 42,
      JobsSucceeded: 1,
      JobSeconds: [1.5, 2.5],
      CapacityMultiplier: 8,
    },
  ]);
});

it('says nothing twice, and nothing when there is nothing', () => {
  const { metrics, documents } = createMetrics();
  metrics.count('JobsFailed');
  metrics.flush();
  metrics.flush();
  expect(documents()).toHaveLength(1);
});

it('begins a new line before there are more values than CloudWatch reads', () => {
  const { metrics, documents } = createMetrics();
  for (let value = 0; value < 150; value++) metrics.seconds('JobSeconds', value);
  metrics.flush();
  expect(documents()).toMatchObject([{ JobSeconds: { length: 100 } }, { JobSeconds: { length: 50 } }]);
});
