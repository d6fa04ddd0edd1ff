import type { buildApp } from 'fauxqs';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type Queue = NonNullable<ReturnType<Stores['sqsStore']['getQueue']>>;

/** What a queue holds. */
export interface QueueLoad {
  readonly name: string;
  readonly visible: number;
  readonly notVisible: number;
  readonly delayed: number;
  /** When its oldest message was sent, in milliseconds since the epoch; undefined when it is empty. */
  readonly oldest: number | undefined;
  /** Messages sent to it since the start, without those moved to it as dead letters. */
  readonly sent: number;
}

export function queueLoad(queue: Queue, sent: number): QueueLoad {
  // Messages whose time has come are visible, whether anybody asks for them or not.
  queue.processTimers();
  const { ready, delayed, inflight } = queue.inspectMessages();
  let oldest = Number.POSITIVE_INFINITY;
  for (const { sentTimestamp } of ready) oldest = Math.min(oldest, sentTimestamp);
  for (const { sentTimestamp } of delayed) oldest = Math.min(oldest, sentTimestamp);
  for (const { message } of inflight) oldest = Math.min(oldest, message.sentTimestamp);
  return {
    name: queue.name,
    visible: ready.length,
    notVisible: inflight.length,
    delayed: delayed.length,
    oldest: Number.isFinite(oldest) ? oldest : undefined,
    sent,
  };
}
