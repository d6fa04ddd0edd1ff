import { explainWorkers } from './explain-workers.ts';
import { heldSince, highest, type Level, lowest } from './history.ts';
import type { DatabaseLoad, QueueLoad } from './measures.ts';
import { mostAfter, type Wish, wishOf } from './wish.ts';
import { capsOf, isExact, multiplierOf, roundUp, type WorkerCaps, type WorkersPlan } from './worker-caps.ts';

/** What is remembered from one decision to the next; oldest first. */
export interface WorkersMemory {
  /** Time of the last observation. */
  readonly at: number;
  /** Multipliers that were wished for. */
  readonly wishes: readonly Level[];
  /** Multipliers that were set. */
  readonly levels: readonly Level[];
}

export interface WorkersObservation {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly caps: WorkerCaps;
  /** Whether the caps are being changed just now, so that they cannot be changed again. */
  readonly isUpdating: boolean;
  readonly queues: Readonly<Record<string, QueueLoad | null>>;
  readonly database: DatabaseLoad;
}

export type WorkersReason =
  /** An observation that came before, or later than a newer one: nothing is decided. */
  | 'repeated'
  /** Nothing is known of anything. */
  | 'no-data'
  /** There would be something to do, but the last change is not done yet. */
  | 'updating'
  | 'raised'
  | 'lowered'
  /** Lowered, because the database suffers. */
  | 'protected'
  /** Caps that were not in their proportions are again. */
  | 'restored'
  /** Not raised, because the database could not bear it. */
  | 'held-back'
  /** Load wants more than there may be. */
  | 'at-most'
  /** Something else is wished for, but not for long enough yet, or not within a minute of the last change. */
  | 'waiting'
  | 'steady';

export interface WorkersDecision {
  readonly at: number;
  readonly reason: WorkersReason;
  /** The same for people. */
  readonly sentence: string;
  readonly from: number;
  readonly to: number;
  /**
   * What would be enough for the load alone: to drain within a minute what waits, and to have some that are not busy. Ten
   * times the most stands for more; null when nothing is known of the load.
   */
  readonly wanted: number | null;
  /** Whether the database is why there are not more. */
  readonly isHeldBack: boolean;
  /** To be set, all of them; null when they stay. */
  readonly caps: WorkerCaps | null;
  readonly memory: WorkersMemory;
}

const MINUTE = 60_000;
const RAISE_AFTER = MINUTE;
const LOWER_AFTER = 5 * MINUTE;

/**
 * Decides how many workers there may be, after the guide's rules for pods. Raised is to the lowest wish of the last minute,
 * at most to the double or by two a minute; lowered to the highest wish of the last five, at most by half a minute. So one
 * high minute raises nothing, and what was raised stays for five. A database that suffers is given way to at once, in
 * proportion: five minutes of waiting would be spent making it worse, and fewer workers only make work later.
 *
 * @param memory null at the first time: what is, is then taken for what was always wished
 */
export function decideWorkers(
  memory: WorkersMemory | null,
  seen: WorkersObservation,
  plan: WorkersPlan,
): WorkersDecision {
  const from = multiplierOf(seen.caps, plan);
  const before = memory ?? firstMemory(seen.at, from);
  if (memory !== null && seen.at <= memory.at) return stay('repeated', memory, seen, from, null);
  if (isUnknown(seen)) {
    const caps = seen.isUpdating || isExact(seen.caps, from, plan) ? null : capsOf(from, plan);
    return stay(caps === null ? 'no-data' : 'restored', { ...before, at: seen.at }, seen, from, caps);
  }

  const asked = wishOf(from, seen, plan);
  const wishes = [...before.wishes, { at: seen.at, multiplier: asked.wish }];
  const levels = [...before.levels, { at: seen.at, multiplier: from }];
  const allowed = limitChange(from, stabilise(from, asked.borne, wishes, seen.at), levels, seen.at, plan);
  const isRight = isExact(seen.caps, allowed, plan);
  const to = seen.isUpdating ? from : allowed;
  const caps = seen.isUpdating || isRight ? null : capsOf(to, plan);
  const reason = seen.isUpdating && !isRight ? 'updating' : reasonOf(from, to, caps, asked, plan);
  return {
    at: seen.at,
    reason,
    sentence: explainWorkers(reason, from, to, asked),
    from,
    to,
    wanted: asked.wanted,
    isHeldBack: asked.isHeldBack,
    caps,
    memory: {
      at: seen.at,
      wishes: heldSince(wishes, seen.at - LOWER_AFTER),
      levels: heldSince([...before.levels, { at: seen.at, multiplier: to }], seen.at - MINUTE),
    },
  };
}

function firstMemory(at: number, multiplier: number): WorkersMemory {
  const since = { at: at - LOWER_AFTER, multiplier };
  return { at, wishes: [since], levels: [since] };
}

function isUnknown({ queues, database }: WorkersObservation): boolean {
  return [...Object.values(queues), ...Object.values(database)].every((known) => known === null);
}

function stabilise(current: number, borne: number, wishes: readonly Level[], now: number): number {
  const up = lowest(heldSince(wishes, now - RAISE_AFTER));
  const down = highest(heldSince(wishes, now - LOWER_AFTER));
  return Math.min(Math.max(current, up), down, borne);
}

/** @param levels of the last minute count: it is from the lowest that is raised, and from the highest that is lowered */
function limitChange(
  current: number,
  target: number,
  levels: readonly Level[],
  now: number,
  plan: WorkersPlan,
): number {
  const lately = heldSince(levels, now - MINUTE);
  if (target > current) return Math.max(current, Math.min(target, mostAfter(lowest(lately))));
  return Math.min(current, Math.max(target, roundUp(highest(lately) / 2, plan)));
}

function reasonOf(
  from: number,
  to: number,
  caps: WorkerCaps | null,
  { wanted, wish, borne, isHeldBack }: Wish,
  { most }: WorkersPlan,
): WorkersReason {
  if (to > from) return 'raised';
  if (to < from) return borne < from ? 'protected' : 'lowered';
  if (caps !== null) return 'restored';
  if (isHeldBack) return 'held-back';
  if (wanted > most && to === most) return 'at-most';
  return wish === from ? 'steady' : 'waiting';
}

function stay(
  reason: WorkersReason,
  memory: WorkersMemory,
  { at }: WorkersObservation,
  from: number,
  caps: WorkerCaps | null,
): WorkersDecision {
  const sentence = explainWorkers(reason, from, from, null);
  return { at, reason, sentence, from, to: from, wanted: null, isHeldBack: false, caps, memory };
}
