import type { buildApp } from 'fauxqs';
import { takeGroup } from './message-group.ts';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type Queue = ReturnType<Stores['sqsStore']['createQueue']>;

/** Anything that waits in a queue; without a group it is a tenant of its own. */
interface Waiting {
  readonly messageGroupId?: string | undefined;
}

/** A tenant with a larger share of what is in flight, or of the time of consumers, is noisy. */
const NOISY_SHARE = 0.1;
/** A large share of a few messages in flight says nothing. */
const NOISY_IN_FLIGHT = 30;
/** "Recent" time of consumers: AWS does not say how recent, and this is the longest that anything else of a tenant is remembered. */
const RECENT_MS = 5 * 60_000;

/**
 * Which tenants are noisy: what they have in flight, and the time that their messages took of late.
 *
 * Source: Amazon SQS Developer Guide, "How Amazon SQS fair queues work".
 */
export class Fairness {
  /** Messages in flight by their receipt handles. */
  readonly #inFlight = new Map<string, { readonly group: string | undefined; readonly since: number }>();
  readonly #ended: { readonly group: string | undefined; readonly at: number; readonly took: number }[] = [];

  received(handle: string, group: string | undefined, now: number): void {
    this.#inFlight.set(handle, { group, since: now });
  }

  /** Forgets the messages that are in flight no more, but for the time they took. */
  settle(isInFlight: (handle: string) => boolean, now: number): void {
    for (const [handle, { group, since }] of this.#inFlight) {
      if (isInFlight(handle)) continue;
      this.#inFlight.delete(handle);
      this.#ended.push({ group, at: now, took: now - since });
    }
    const firstRecent = this.#ended.findIndex(({ at }) => now - at < RECENT_MS);
    this.#ended.splice(0, firstRecent === -1 ? this.#ended.length : firstRecent);
  }

  /** Moves what is to be delivered next to the front: first of quiet tenants, then of noisy ones with the least in flight. */
  bringForward(waiting: Waiting[], count: number, now: number): void {
    const noisy = this.#noisy(now);
    if (noisy.size === 0) return;
    for (let place = 0; place < Math.min(count, waiting.length); place++) {
      const next = indexOfLeast(waiting, place, ({ messageGroupId: group }) =>
        group === undefined ? -1 : (noisy.get(group) ?? -1),
      );
      const [message] = waiting.splice(next, 1);
      if (message === undefined) return;
      waiting.splice(place, 0, message);
      const group = message.messageGroupId;
      const before = group === undefined ? undefined : noisy.get(group);
      if (group !== undefined && before !== undefined) noisy.set(group, before + 1);
    }
  }

  /** @returns how much each noisy tenant has in flight */
  #noisy(now: number): Map<string, number> {
    const loads = new Map<string, { inFlight: number; took: number }>();
    let total = 0;
    const add = (group: string | undefined, took: number, inFlight: number): void => {
      total += took;
      if (group === undefined) return;
      const load = loads.get(group) ?? { inFlight: 0, took: 0 };
      loads.set(group, { inFlight: load.inFlight + inFlight, took: load.took + took });
    };
    for (const { group, took } of this.#ended) add(group, took, 0);
    for (const { group, since } of this.#inFlight.values()) add(group, now - since, 1);
    const noisy = new Map<string, number>();
    for (const [group, { inFlight, took }] of loads) {
      const hasMany = inFlight >= NOISY_IN_FLIGHT && inFlight > NOISY_SHARE * this.#inFlight.size;
      if (hasMany || took > NOISY_SHARE * total) noisy.set(group, inFlight);
    }
    return noisy;
  }
}

/** Has a queue of fauxqs, which delivers in the order of arrival, be fair between the groups of its messages. */
export function makeFair(queue: Queue): Queue {
  const enqueue = queue.enqueue.bind(queue);
  queue.enqueue = (message) => {
    takeGroup(message);
    enqueue(message);
  };
  if (queue.isFifo()) return queue;
  const fairness = new Fairness();
  const settle = () => fairness.settle((handle) => queue.inflightMessages.has(handle), Date.now());
  const dequeue = queue.dequeue.bind(queue);
  const deleteMessage = queue.deleteMessage.bind(queue);
  queue.dequeue = (count, ...rest) => {
    queue.processTimers();
    settle();
    fairness.bringForward(queue.messages, count, Date.now());
    const received = dequeue(count, ...rest);
    for (const { ReceiptHandle } of received) {
      const group = queue.inflightMessages.get(ReceiptHandle)?.message.messageGroupId;
      fairness.received(ReceiptHandle, group, Date.now());
    }
    return received;
  };
  queue.deleteMessage = (handle) => {
    const isDeleted = deleteMessage(handle);
    settle();
    return isDeleted;
  };
  return queue;
}

/** The first of the least, looking from a place on. */
function indexOfLeast(
  waiting: readonly Waiting[],
  from: number,
  rankOf: (message: Waiting) => number,
): number {
  let least = from;
  let leastRank = Number.POSITIVE_INFINITY;
  for (let index = from; index < waiting.length && leastRank >= 0; index++) {
    const message = waiting[index];
    const rank = message === undefined ? Number.POSITIVE_INFINITY : rankOf(message);
    if (rank < leastRank) [least, leastRank] = [index, rank];
  }
  return least;
}
