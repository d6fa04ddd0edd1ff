/** Longest that an answer is held back. */
export const MAX_WAIT_SECONDS = 20;

/** What a client would like (RFC 7240); what it asks beyond that is ignored. */
export interface Preferences {
  readonly respondAsync: boolean;
  /** Seconds to wait for something to happen, at most 20; null when not asked for. */
  readonly waitSeconds: number | null;
}

export function readPreferences(prefer: string | undefined): Preferences {
  const wishes = (prefer ?? '').split(',').map((wish) => (wish.split(';')[0] ?? '').trim().toLowerCase());
  const wait = wishes.map((wish) => /^wait\s*=\s*"?(\d{1,6})"?$/.exec(wish)?.[1]).find((found) => found);
  return {
    respondAsync: wishes.includes('respond-async'),
    waitSeconds: wait === undefined ? null : Math.min(MAX_WAIT_SECONDS, Number(wait)),
  };
}
