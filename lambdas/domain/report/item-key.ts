import { createHash } from 'node:crypto';

const DIGITS = 22;

/** An item's key for URLs: `itm_` and the first 132 bits of its id's SHA-256. Ids themselves hold `/`, `%` and emoji. */
export function itemKey(id: string): string {
  return `itm_${createHash('sha256').update(id).digest('base64url').slice(0, DIGITS)}`;
}
