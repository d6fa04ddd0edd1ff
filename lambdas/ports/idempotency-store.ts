/** A request that somebody named, so that it can be sent again without being done again. */
export interface NamedRequest {
  readonly tenant: string;
  /** What the caller named it. */
  readonly key: string;
}

/** One attempt at it. */
export interface Attempt extends NamedRequest {
  /** Names the attempt among all there will be. */
  readonly id: string;
}

/**
 * Whether an attempt is the one to do the work (`claimed`), or what else there is: an answer, another attempt that is at
 * it, an answer that was not kept (`repeat`), or another request of the same name.
 */
export type Claim =
  | { readonly state: 'claimed' }
  | { readonly state: 'answered'; readonly answer: string }
  | { readonly state: 'in_progress' }
  | { readonly state: 'repeat' }
  | { readonly state: 'other_request' };

/** Requests by the names that callers gave them, for 24 hours from the first attempt. */
export interface IdempotencyStore {
  /**
   * Claims a request, unless it was answered or another attempt is at it. A claim ends at `leaseUntil`: an attempt that
   * crashed would hold it for a day otherwise.
   *
   * @param fingerprint of the request: the same name for another one is refused
   * @param leaseUntil milliseconds since the epoch
   */
  claim(attempt: Attempt, fingerprint: string, leaseUntil: number): Promise<Claim>;

  /**
   * Keeps the answer of the attempt that holds the claim, or with null that there was one.
   *
   * @throws Error when the claim has passed to another attempt
   */
  keep(attempt: Attempt, answer: string | null): Promise<void>;

  /** Gives a claim back, so that the name is free again; one that has passed to another attempt stays there. */
  release(attempt: Attempt): Promise<void>;
}
