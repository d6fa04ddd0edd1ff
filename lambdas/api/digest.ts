import { hash } from 'node:crypto';

/** SHA-256 of bytes as base64url: what names a body without keeping it. */
export function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url');
}
