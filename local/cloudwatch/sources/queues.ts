import type { QueueLoad } from '../../sqs/queue-load.ts';
import type { Timeline } from '../../timeline.ts';
import type { MetricDatum } from '../metrics.ts';

/**
 * What queues hold, as `AWS/SQS`. Messages wait in real time: how old they are is told in time of the timeline, so
 * that a queue that nobody empties for a minute of it is a minute old.
 */
export function queueMetrics(
  queues: () => readonly QueueLoad[],
  { speed }: Timeline,
): () => Promise<readonly MetricDatum[]> {
  const sent = new Map<string, number>();
  return async () =>
    queues().flatMap((queue) => {
      const before = sent.get(queue.name) ?? 0;
      sent.set(queue.name, queue.sent);
      const age = queue.oldest === undefined ? 0 : Math.max(0, Date.now() - queue.oldest) * speed;
      return Object.entries({
        ApproximateNumberOfMessagesVisible: queue.visible,
        ApproximateNumberOfMessagesNotVisible: queue.notVisible,
        ApproximateNumberOfMessagesDelayed: queue.delayed,
        ApproximateAgeOfOldestMessage: Math.floor(age / 1000),
        NumberOfMessagesSent: queue.sent - before,
      }).map(([name, value]) => ({
        namespace: 'AWS/SQS',
        name,
        dimensions: { QueueName: queue.name },
        value,
      }));
    });
}
