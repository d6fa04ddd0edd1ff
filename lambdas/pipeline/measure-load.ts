import type { DatabaseLoad, QueueLoad } from '../domain/capacity/measures.ts';
import type { WorkersLoad } from '../ports/capacity-load.ts';
import type { QueueDepths } from '../ports/queue-depths.ts';

export interface LoadContext {
  readonly queues: QueueDepths;
  readonly load: WorkersLoad;
}

export interface Load {
  readonly queues: Readonly<Record<string, QueueLoad>>;
  readonly database: DatabaseLoad;
}

const MINUTE = 60_000;
/** Minutes after which the database is asked about although nobody works: by then the next work should know how it does. */
const QUIET_MINUTES = 5;

/**
 * What the number of workers is decided from. How many messages there are costs next to nothing to ask; every other figure
 * is paid for. So tasks are asked about only of queues that have any, and the database each minute only while somebody works
 * or there are not as many workers as usual: otherwise there is nobody who could spare it.
 *
 * @param at milliseconds since the epoch, by the clock of the metrics
 * @param isUsual whether there are as many workers as usual
 */
export async function measureLoad(
  { queues, load }: LoadContext,
  at: number,
  isUsual: boolean,
): Promise<Load> {
  const depths = Object.entries(await queues.read());
  const working = depths.filter(([, { visible, hidden }]) => visible + hidden > 0).map(([name]) => name);
  const isDue = Math.floor(at / MINUTE) % QUIET_MINUTES === 0;
  const { tasks, database } = await load.read(at, {
    queues: working,
    isDatabaseAsked: working.length > 0 || !isUsual || isDue,
  });
  const known = depths.map(([name, { visible, hidden }]): [string, QueueLoad] => {
    const { oldestSeconds = 0, meanSeconds = null } = tasks[name] ?? {};
    return [name, { visible, inFlight: hidden, oldestSeconds, meanSeconds }];
  });
  return { queues: Object.fromEntries(known), database };
}
