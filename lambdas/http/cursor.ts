import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Problem } from './problem.ts';

/** Where a page ended: the sort values of its last entry, its id among them. */
export type Position = readonly (string | number | null)[];

const positionSchema = z.array(z.union([z.string(), z.number(), z.null()])).max(8);
const CHECK_BYTES = 12;
const MAX_LENGTH = 2048;

/**
 * A position as an opaque text that holds for one list only.
 *
 * @param list what the list is: operation, filters, sort. With another, the cursor is refused
 */
export function encodeCursor(position: Position, list: string): string {
  const text = Buffer.from(JSON.stringify(position));
  return Buffer.concat([checkOf(text, list), text]).toString('base64url');
}

/** @throws Problem `invalid_cursor` when it was not made for this list, or not by `encodeCursor` at all */
export function decodeCursor(cursor: string, list: string): Position {
  const bytes = Buffer.from(cursor.slice(0, MAX_LENGTH), 'base64url');
  const text = bytes.subarray(CHECK_BYTES);
  // What the decoder skips, or an end that is no whole byte, would be another text for the same cursor.
  const isOurs =
    bytes.toString('base64url') === cursor && checkOf(text, list).equals(bytes.subarray(0, CHECK_BYTES));
  if (!isOurs)
    throw new Problem('invalid_cursor', 'The cursor was made for other filters, or changed since.');
  return positionSchema.parse(JSON.parse(text.toString()));
}

function checkOf(text: Uint8Array, list: string): Buffer {
  return createHash('sha256').update(`${list}\n`).update(text).digest().subarray(0, CHECK_BYTES);
}
