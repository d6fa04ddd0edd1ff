/** A number of workers, as the multiplier k of their caps, from a time on until the next. */
export interface Level {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly multiplier: number;
}

/** What held at some moment since a time: what was set after it, and what it began with. @param levels oldest first */
export function heldSince(levels: readonly Level[], since: number): readonly Level[] {
  const begun = levels.findLastIndex(({ at }) => at <= since);
  return begun === -1 ? levels : levels.slice(begun);
}

export function lowest(levels: readonly Level[]): number {
  return Math.min(...levels.map(({ multiplier }) => multiplier));
}

export function highest(levels: readonly Level[]): number {
  return Math.max(...levels.map(({ multiplier }) => multiplier));
}
