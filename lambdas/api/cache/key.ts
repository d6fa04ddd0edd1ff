import { hash } from 'node:crypto';
import serialize from 'canonicalize';
import { ENGINE_VERSION } from '../../domain/version.ts';

/** What a cached answer depends on, besides the engine. */
export interface CacheSubject {
  readonly tenant: string;
  /** What kind of answer it is, such as `analysis`. */
  readonly kind: string;
  /** All that decides it, as a JSON value; two that are equal as JSON are the same. */
  readonly of: unknown;
}

/**
 * Key of a cached answer: SHA-256 of the canonical JSON (RFC 8785) of tenant, kind, engine version and subject. Without
 * the tenant's or the version's name in it being the same, two keys never are.
 */
export function cacheKey({ tenant, kind, of }: CacheSubject): string {
  const canonical = serialize({ tenant, kind, version: ENGINE_VERSION, of });
  if (canonical === undefined) throw new TypeError(`A ${kind} cannot be named by what is not JSON.`);
  return `cd:${kind}:${hash('sha256', canonical, 'base64url')}`;
}
