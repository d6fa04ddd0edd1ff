import { describe, expect, it } from 'vitest';
import { MetricStore, MINUTE_MS } from '../../local/cloudwatch/metrics.ts';
import { FunctionMeter } from '../../local/cloudwatch/sources/functions.ts';
import { queueMetrics } from '../../local/cloudwatch/sources/queues.ts';
import { requestMeter } from '../../local/cloudwatch/sources/requests.ts';
import { Timeline } from '../../local/timeline.ts';

const SPEED = 60;

describe('time that services measure', () => {
  it('is of the timeline, so that what one task takes says how long all that wait will', async () => {
    const timeline = new Timeline(SPEED);
    const store = new MetricStore(timeline);
    const average = (namespace: string, name: string, dimensions: Record<string, string>) => {
      const start = timeline.now() - (timeline.now() % MINUTE_MS) - MINUTE_MS;
      const query = { statistic: 'Average', period: 120, start, end: start + 2 * MINUTE_MS };
      return store.query({ namespace, name, dimensions }, query)[0]?.value;
    };
    const meter = new FunctionMeter(store, 'plan', timeline);
    meter.started('arn:aws:lambda:us-east-1:000000000000:function:plan');
    meter.ended('arn:aws:lambda:us-east-1:000000000000:function:plan', {
      milliseconds: 200,
      succeeded: true,
    });
    expect(average('AWS/Lambda', 'Duration', { FunctionName: 'plan' })).toBe(200 * SPEED);
    expect(average('AWS/Lambda', 'Invocations', { FunctionName: 'plan' })).toBe(1);

    requestMeter(store, 'api', timeline)({ stage: 'v1', status: 200, milliseconds: 5 });
    expect(average('AWS/ApiGateway', 'Latency', { ApiName: 'api' })).toBe(5 * SPEED);

    const queue = { name: 'work', visible: 1, notVisible: 0, delayed: 0, sent: 1, oldest: Date.now() - 2000 };
    const data = await queueMetrics(() => [queue], timeline)();
    const age = data.find(({ name }) => name === 'ApproximateAgeOfOldestMessage')?.value;
    expect(age).toBeGreaterThanOrEqual(2 * SPEED);
    expect(age).toBeLessThan(4 * SPEED);
  });
});
