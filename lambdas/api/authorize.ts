import { createHash } from 'node:crypto';
import type { Credential } from '../domain/access/credential.ts';
import { readCredential } from '../domain/access/credential.ts';
import type { AuthorizerContext } from '../domain/access/policy.ts';
import { hashOf } from '../domain/access/token.ts';
import { isValid } from '../domain/access/validity.ts';
import type { Clock } from '../ports/clock.ts';
import type { Identity, IdentityProvider } from '../ports/identity-provider.ts';
import type { TokenRecord, TokenStore } from '../ports/token-store.ts';

export interface AuthorizationContext {
  readonly tokens: Pick<TokenStore, 'find' | 'touch'>;
  /** Null where only tokens of ours count. */
  readonly identities: IdentityProvider | null;
  readonly clock: Clock;
  /** What a token may call that says nothing of its own. */
  readonly requestsPerMinute: number;
  /** Told when the use of a token could not be written down, for which nobody is refused. */
  readonly onUntouched: (error: unknown) => void;
}

/** A use is written down when the last one that was is this long ago. */
const TOUCH_EVERY_MS = 3600_000;

/**
 * Who an `Authorization` header speaks for; null when for nobody.
 *
 * @throws Error when that cannot be found out now
 */
export async function authorize(
  context: AuthorizationContext,
  header: string,
): Promise<AuthorizerContext | null> {
  const credential = readCredential(header);
  if (credential === null) return null;
  return credential.kind === 'token' ? ofToken(context, credential) : ofIdentity(context, credential);
}

async function ofToken(
  context: AuthorizationContext,
  { token }: Credential,
): Promise<AuthorizerContext | null> {
  const hash = hashOf(token);
  const record = await context.tokens.find(hash);
  const now = context.clock.now();
  if (record === null || !isValid(record, now)) return null;
  await touch(context, hash, record, now);
  return {
    tenant: record.tenant,
    tokenId: record.id,
    scopes: record.scopes.join(' '),
    requestsPerMinute: record.requestsPerMinute ?? context.requestsPerMinute,
  };
}

async function ofIdentity(
  { identities, requestsPerMinute }: AuthorizationContext,
  { token }: Credential,
): Promise<AuthorizerContext | null> {
  const identity = (await identities?.verify(token)) ?? null;
  if (identity === null) return null;
  const { tenant, scopes } = identity;
  return { tenant, tokenId: subjectId(identity), scopes: scopes.join(' '), requestsPerMinute };
}

async function touch(
  { tokens, onUntouched }: AuthorizationContext,
  hash: string,
  { lastUsedAt }: TokenRecord,
  now: number,
): Promise<void> {
  if (lastUsedAt !== null && now - Date.parse(lastUsedAt) < TOUCH_EVERY_MS) return;
  try {
    await tokens.touch(hash, new Date(now).toISOString());
  } catch (error) {
    onUntouched(error);
  }
}

/** Stands for the token id of callers who have none: JWTs change every hour, limits are to stay. */
function subjectId({ subject }: Identity): string {
  return `sub_${createHash('sha256').update(subject).digest('base64url').slice(0, 22)}`;
}
