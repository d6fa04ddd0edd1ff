import { METRICS } from '../contracts/metric-names.ts';
import type { QueueDepths } from '../ports/queue-depths.ts';
import type { PipelineContext } from './context.ts';

/** How many messages lie in the dead-letter queues. */
export interface DeadLetterCount {
  readonly total: number;
  readonly byQueue: Readonly<Record<string, number>>;
}

/**
 * Counts the messages that were given up. Asking a queue also keeps it awake: SQS stops reporting the metrics of one
 * that nobody has touched for six hours, and the alarms on it with them.
 */
export async function countDeadLetters(
  { metrics }: Pick<PipelineContext, 'metrics'>,
  deadLetters: QueueDepths,
): Promise<DeadLetterCount> {
  const depths = Object.entries(await deadLetters.read());
  const byQueue = Object.fromEntries(depths.map(([name, { visible, hidden }]) => [name, visible + hidden]));
  const total = Object.values(byQueue).reduce((sum, depth) => sum + depth, 0);
  metrics.count(METRICS.deadLetters, total);
  return { total, byQueue };
}
