import { createHash } from 'node:crypto';
import type { ContentCoding } from './content-encoding.ts';

/** Of 32 bytes so many tell two representations apart. */
const DIGEST_BYTES = 15;

/** A strong entity tag: of equal bytes in the same coding the same (RFC 9110, section 8.8.3). */
export function entityTag(bytes: Uint8Array, coding: ContentCoding): string {
  const digest = createHash('sha256').update(bytes).digest().subarray(0, DIGEST_BYTES).toString('base64url');
  return `"${digest}${coding === 'identity' ? '' : `-${coding}`}"`;
}

/** A weak entity tag: of answers that mean the same, even if they differ in bytes that nobody waits for. */
export function weakEntityTag(meaning: string): string {
  return `W/${entityTag(Buffer.from(meaning), 'identity')}`;
}

/** Whether `If-None-Match` names the tag, so that the client has this answer (RFC 9110, section 13.1.2). */
export function isKnown(tag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const opaque = tag.replace(/^W\//, '');
  return Array.from(ifNoneMatch.matchAll(/"[^"]*"/g), ([known]) => known).includes(opaque);
}
