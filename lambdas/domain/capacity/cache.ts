/** Limits of the cache: gigabytes (10⁹ bytes) of values, and ElastiCache processing units a second. */
export interface CacheLimits {
  readonly gigabytes: number;
  readonly unitsPerSecond: number;
}

export interface CachePlan {
  /** What a deployment sets, and what is gone back to. */
  readonly usual: CacheLimits;
  readonly most: CacheLimits;
}

type LimitName = keyof CacheLimits;

/** What is remembered from one decision to the next. */
export interface CacheMemory {
  /** Time of the last observation. */
  readonly at: number;
  /** Since when little of a limit is used; null while it is not. */
  readonly lowSince: Readonly<Record<LimitName, number | null>>;
}

export interface CacheObservation {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly limits: CacheLimits;
  /** Whether the limits are being changed just now, so that they cannot be changed again. */
  readonly isChanging: boolean;
  /** Null when nothing was heard of it. */
  readonly used: Readonly<Record<LimitName, number | null>>;
}

type CacheReason =
  /** An observation that came before, or later than a newer one: nothing is decided. */
  | 'repeated'
  | 'no-data'
  /** There would be something to do, but the last change is not done yet. */
  | 'changing'
  | 'raised'
  | 'lowered'
  /** Much of it is used, and there may be no more. */
  | 'at-most'
  | 'steady';

interface LimitDecision {
  readonly reason: CacheReason;
  readonly from: number;
  readonly to: number;
  readonly used: number | null;
}

export interface CacheDecision {
  readonly at: number;
  readonly gigabytes: LimitDecision;
  readonly unitsPerSecond: LimitDecision;
  /** For people. */
  readonly sentence: string;
  /** To be set; null when they stay. */
  readonly limits: CacheLimits | null;
  readonly memory: CacheMemory;
}

/** AWS advises to be warned at it. */
const RAISE_ABOVE = 0.75;
const LOWER_BELOW = 0.3;
const LOWER_AFTER = 60 * 60_000;
const FACTOR = 1.5;
/** What raising is worth doing for. */
const SMALLEST_RAISE: CacheLimits = { gigabytes: 1, unitsPerSecond: 1000 };

/**
 * Decides what the cache may grow to, its storage and its processing apart. A limit is raised by half as soon as three
 * quarters of it are used, and lowered by a third once less than three tenths of it were for an hour: it is then used to
 * less than a half, so that one does not bring about the other.
 *
 * @param memory null at the first time
 */
export function decideCache(
  memory: CacheMemory | null,
  seen: CacheObservation,
  plan: CachePlan,
): CacheDecision {
  if (memory !== null && seen.at <= memory.at) {
    const repeated = (name: LimitName) => unchanged('repeated', name, seen);
    return decision(seen.at, repeated('gigabytes'), repeated('unitsPerSecond'), memory);
  }
  const decide = (name: LimitName) => {
    const lowSince = stillLowSince(name, memory, seen);
    const decided = decideLimit(name, seen, plan, lowSince);
    // Another hour has to pass before the next third is taken off.
    return { decided, lowSince: decided.reason === 'lowered' ? seen.at : lowSince };
  };
  const gigabytes = decide('gigabytes');
  const unitsPerSecond = decide('unitsPerSecond');
  return decision(seen.at, gigabytes.decided, unitsPerSecond.decided, {
    at: seen.at,
    lowSince: { gigabytes: gigabytes.lowSince, unitsPerSecond: unitsPerSecond.lowSince },
  });
}

function decision(
  at: number,
  gigabytes: LimitDecision,
  unitsPerSecond: LimitDecision,
  memory: CacheMemory,
): CacheDecision {
  const isChange = gigabytes.to !== gigabytes.from || unitsPerSecond.to !== unitsPerSecond.from;
  return {
    at,
    gigabytes,
    unitsPerSecond,
    sentence: `${explain('GB', gigabytes)} ${explain('units a second', unitsPerSecond)}`,
    limits: isChange ? { gigabytes: gigabytes.to, unitsPerSecond: unitsPerSecond.to } : null,
    memory,
  };
}

function stillLowSince(name: LimitName, memory: CacheMemory | null, seen: CacheObservation): number | null {
  const used = seen.used[name];
  if (used === null || used >= LOWER_BELOW * seen.limits[name]) return null;
  return memory?.lowSince[name] ?? seen.at;
}

function decideLimit(
  name: LimitName,
  seen: CacheObservation,
  plan: CachePlan,
  lowSince: number | null,
): LimitDecision {
  const used = seen.used[name];
  const from = seen.limits[name];
  if (used === null) return unchanged('no-data', name, seen);
  const isHigh = used > RAISE_ABOVE * from;
  const isLow = lowSince !== null && seen.at - lowSince >= LOWER_AFTER;
  if (isHigh && from >= plan.most[name]) return unchanged('at-most', name, seen);
  if (!isHigh && !(isLow && from > plan.usual[name])) return unchanged('steady', name, seen);
  if (seen.isChanging) return unchanged('changing', name, seen);
  if (isHigh) {
    const more = Math.max(Math.ceil(from * FACTOR), from + SMALLEST_RAISE[name]);
    return { reason: 'raised', from, to: Math.min(plan.most[name], more), used };
  }
  return { reason: 'lowered', from, to: Math.max(plan.usual[name], Math.ceil(from / FACTOR)), used };
}

function unchanged(reason: CacheReason, name: LimitName, { limits, used }: CacheObservation): LimitDecision {
  return { reason, from: limits[name], to: limits[name], used: used[name] };
}

function explain(unit: string, { reason, from, to, used }: LimitDecision): string {
  const limit = `The cache may have ${from} ${unit}`;
  switch (reason) {
    case 'repeated':
      return `${limit}: this time was decided on before.`;
    case 'no-data':
      return `${limit}; nothing is known of what it uses.`;
    case 'changing':
      return `${limit} for now: the last change is not done yet.`;
    case 'raised':
    case 'lowered':
      return `The cache, which uses ${amount(used)}, may have ${to} ${unit} instead of ${from}.`;
    case 'at-most':
      return `${limit} and no more, and uses ${amount(used)}.`;
    case 'steady':
      return `${limit}, and uses ${amount(used)}.`;
  }
}

function amount(used: number | null): string {
  return String(Number((used ?? 0).toPrecision(3)));
}
