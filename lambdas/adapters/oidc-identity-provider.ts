import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { TENANT_PATTERN } from '../contracts/object-keys.ts';
import { type AccessScope, scopesAmong } from '../domain/access/scopes.ts';
import type { Clock } from '../ports/clock.ts';
import type { IdentityProvider } from '../ports/identity-provider.ts';

export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Where the issuer publishes its keys (JWKS). */
  readonly keysUrl: string;
  readonly algorithms: readonly string[];
  readonly tenantClaim: string;
  readonly scopeClaim: string;
  /** What the issuer writes before the names of scopes. */
  readonly scopePrefix: string;
}

/** The authorizer has to answer within seconds; a slow issuer must not use them all up. */
const FETCH_MS = 2000;
/** A key that is not known is looked for at most so often, whoever asks for it. */
const COOLDOWN_MS = 30_000;
/** A key that the issuer withdrew counts so long. */
const CACHE_MS = 10 * 60_000;
/** Between the issuer's clock and ours. */
const TOLERANCE_SECONDS = 5;

/** Codes of failures to get the keys, which say nothing about a token. */
const NOT_FOUND_OUT: readonly string[] = [
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  errors.JWKInvalid.code,
  // The code of an answer that is no 200 or no JSON.
  errors.JOSEError.code,
];

/** Checks JWTs of an OpenID Connect issuer against the keys it publishes, which are fetched when needed and kept a while. */
export function createOidcIdentityProvider(settings: OidcSettings, clock: Clock): IdentityProvider {
  const keys = createRemoteJWKSet(new URL(settings.keysUrl), {
    timeoutDuration: FETCH_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: CACHE_MS,
  });
  return {
    async verify(jwt) {
      try {
        const { payload } = await jwtVerify(jwt, keys, {
          issuer: settings.issuer,
          audience: settings.audience,
          algorithms: [...settings.algorithms],
          requiredClaims: ['exp', 'sub'],
          clockTolerance: TOLERANCE_SECONDS,
          currentDate: new Date(clock.now()),
        });
        return identityOf(payload, settings);
      } catch (error) {
        if (error instanceof errors.JOSEError && !NOT_FOUND_OUT.includes(error.code)) return null;
        throw error;
      }
    },
  };
}

function identityOf(claims: JWTPayload, { issuer, tenantClaim, scopeClaim, scopePrefix }: OidcSettings) {
  const tenant = claims[tenantClaim];
  if (typeof tenant !== 'string' || !TENANT_PATTERN.test(tenant)) return null;
  return {
    tenant,
    subject: `${issuer}\n${claims.sub ?? ''}`,
    scopes: scopesOf(claims[scopeClaim], scopePrefix),
  };
}

/** Issuers write scopes as one text or as a list. */
function scopesOf(claim: unknown, prefix: string): AccessScope[] {
  const names = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim.map(String) : [];
  return scopesAmong(
    names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)),
  );
}
