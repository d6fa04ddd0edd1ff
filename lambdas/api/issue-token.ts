import type { Token } from '../contracts/token.ts';
import { scopesAmong } from '../domain/access/scopes.ts';
import { createToken, hashOf, shownPrefix, TOKEN_RANDOM_BYTES } from '../domain/access/token.ts';
import { idOf } from '../domain/job/job-id.ts';
import type { Clock } from '../ports/clock.ts';
import type { TokenStore } from '../ports/token-store.ts';

export interface TokenIssuer {
  readonly tokens: Pick<TokenStore, 'create'>;
  readonly clock: Clock;
  /** So many bytes that nobody can guess. */
  readonly random: (bytes: number) => Uint8Array;
}

export type TokenGrant = Pick<Token, 'tenant' | 'name' | 'scopes' | 'requestsPerMinute' | 'expiresAt'>;

/** Makes a token. @returns it, and its secret, which is known to nobody else and never will be */
export async function issueToken(
  { tokens, clock, random }: TokenIssuer,
  grant: TokenGrant,
): Promise<{ token: Token; secret: string }> {
  const secret = createToken(random(TOKEN_RANDOM_BYTES));
  const now = clock.now();
  const token = {
    ...grant,
    id: idOf('tok', now, secret),
    scopes: scopesAmong(grant.scopes),
    prefix: shownPrefix(secret),
    createdAt: new Date(now).toISOString(),
  };
  await tokens.create(token, hashOf(secret));
  return { token, secret };
}
