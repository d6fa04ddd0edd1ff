import { type IWidget, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS } from '../../../lambdas/contracts/metric-names.ts';
import type { Stage } from '../../config/stage.ts';
import { WORK_QUEUE_NAMES, WORK_QUEUES, type WorkQueueName, workerCap } from '../../config/work-queues.ts';
import type { DeadLetterQueue } from '../../constructs/dead-letter-queue.ts';
import type { ServiceFunction } from '../../constructs/service-function.ts';
import type { WorkQueue } from '../../constructs/work-queue.ts';
import type { WebhookDeliveries } from '../webhook-deliveries.ts';
import { graph, MINUTE, own } from './graph.ts';

export interface QueueWidgetsProps {
  readonly stage: Stage;
  readonly queues: Readonly<Record<WorkQueueName, WorkQueue>>;
  readonly workers: Readonly<Record<WorkQueueName, ServiceFunction>>;
}

const LATEST = { period: MINUTE, statistic: Stats.MAXIMUM } as const;

/** How long messages have waited, how long it takes until all are done, and how many work on them. */
export function queueWidgets(props: QueueWidgetsProps): IWidget[][] {
  const each = (widget: (name: WorkQueueName, props: QueueWidgetsProps) => IWidget) =>
    WORK_QUEUE_NAMES.map((name) => widget(name, props));
  return [each(waiting), each(timeToDrain), each(load)];
}

function waiting(name: WorkQueueName, { queues }: QueueWidgetsProps): IWidget {
  const { queue } = queues[name];
  return graph({
    title: `${name}: age of the oldest message`,
    left: [queue.metricApproximateAgeOfOldestMessage({ ...LATEST, label: 'oldest' })],
    leftAnnotations: [{ value: WORK_QUEUES[name].promisedWaitSeconds, label: 'promised' }],
    unit: 'seconds',
  });
}

/** By the workers that there were, not by those that there may be: it falls as they come. */
function timeToDrain(name: WorkQueueName, { queues, workers }: QueueWidgetsProps): IWidget {
  const { queue } = queues[name];
  const worker = workers[name].function;
  const drain = new MathExpression({
    expression: '(waiting + handled) * milliseconds / 1000 / workers',
    usingMetrics: {
      waiting: queue.metricApproximateNumberOfMessagesVisible(LATEST),
      handled: queue.metricApproximateNumberOfMessagesNotVisible(LATEST),
      milliseconds: worker.metricDuration({ statistic: Stats.AVERAGE }),
      workers: worker.metric('ConcurrentExecutions', { statistic: Stats.MAXIMUM }),
    },
    label: 'until all is done',
    period: MINUTE,
  });
  return graph({ title: `${name}: time to drain`, left: [drain], unit: 'seconds' });
}

function load(name: WorkQueueName, { queues, workers, stage }: QueueWidgetsProps): IWidget {
  const { queue } = queues[name];
  return graph({
    title: `${name}: messages, and workers used and allowed`,
    left: [
      queue.metricApproximateNumberOfMessagesVisible({ ...LATEST, label: 'waiting' }),
      queue.metricApproximateNumberOfMessagesNotVisible({ ...LATEST, label: 'in flight' }),
      workers[name].function.metric('ConcurrentExecutions', { ...LATEST, label: 'workers' }),
      allowed(name, stage),
    ],
    leftAnnotations: [{ value: workerCap(name, stage.workers.most), label: 'workers at most' }],
  });
}

/** As many as the capacity controller decided, which says so every minute. */
function allowed(name: WorkQueueName, { deployment }: Stage): MathExpression {
  return new MathExpression({
    expression: `${WORK_QUEUES[name].weight} * multiplier`,
    usingMetrics: { multiplier: own(deployment, METRICS.capacityMultiplier, Stats.MAXIMUM, 'k') },
    label: 'workers allowed',
    period: MINUTE,
  });
}

/** Messages that were given up. */
export function deadLetterWidget(
  { queues }: QueueWidgetsProps,
  undeliveredUploads: DeadLetterQueue,
  { workQueue }: WebhookDeliveries,
): IWidget {
  const depth = (queue: DeadLetterQueue, label: string) =>
    queue.metricApproximateNumberOfMessagesVisible({ ...LATEST, label });
  return graph({
    title: 'Dead letters',
    left: [
      ...WORK_QUEUE_NAMES.map((name) => depth(queues[name].deadLetters, name)),
      depth(workQueue.deadLetters, 'deliveries'),
      depth(undeliveredUploads, 'undelivered uploads'),
    ],
  });
}
