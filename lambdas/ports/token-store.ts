import type { Token } from '../contracts/token.ts';

/** A token, and what happened to it since it was made. */
export interface TokenRecord extends Token {
  /** To the hour: a later use within the hour is not written down. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

/** Tokens, found by the SHA-256 of their secret; the secrets themselves are nowhere. */
export interface TokenStore {
  /** Adds a token. @throws Error when one of the same hash is there */
  create(token: Token, hash: string): Promise<void>;

  /** Also one that is expired or revoked; null when there is none. Sees every write that was answered before. */
  find(hash: string): Promise<TokenRecord | null>;

  /** Writes down when a token was used; one that is gone stays gone. @param at RFC 3339 */
  touch(hash: string, at: string): Promise<void>;

  /** The tokens of a tenant, newest first, those that ended lately among them. */
  list(tenant: string): Promise<readonly TokenRecord[]>;

  /** Revokes a token for good. @returns it as it now is; null when the tenant has none of that id */
  revoke(tenant: string, id: string, at: string): Promise<TokenRecord | null>;
}
