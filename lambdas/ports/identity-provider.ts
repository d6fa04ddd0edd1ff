import type { AccessScope } from '../domain/access/scopes.ts';

/** Who a signed token speaks for. */
export interface Identity {
  readonly tenant: string;
  /** Names the same person or program in every token of theirs. */
  readonly subject: string;
  readonly scopes: readonly AccessScope[];
}

export interface IdentityProvider {
  /**
   * Who a JWT speaks for; null when it does not hold: forged, expired, for somebody else, or of a tenant nobody can be.
   *
   * @throws Error when it could not be found out, which says nothing about the token
   */
  verify(jwt: string): Promise<Identity | null>;
}
