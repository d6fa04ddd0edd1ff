/**
 * One CSV record at a time, by the rules of RFC 4180 and analysis spec §1: the slow, obvious reader. It decides what
 * every record is; the fast scanner only takes shortcuts where the answer is the same.
 */

export const LF = 0x0a;
export const CR = 0x0d;
export const QUOTE = 0x22;

/**
 * Longest record in bytes, without its line break. An opening quote that finds no partner within it is taken for a
 * stray one, so that a single bad row cannot swallow the rest of a file; and memory stays bounded whatever the input.
 */
export const MAX_RECORD_BYTES = 1 << 20;

/** A field as the byte range `[from, to)` of the buffer, quotes included. */
export interface FieldRange {
  readonly from: number;
  readonly to: number;
  readonly quoted: boolean;
}

export type CsvRecord =
  /** `next` is the offset of the record that follows. */
  | { readonly kind: 'fields'; readonly next: number; readonly ranges: readonly FieldRange[] }
  /**
   * Misplaced quotes, or too long. The record is then the physical line on which it starts, and the line after it is
   * read on its own: this depends on nothing but the bytes from `start` on. `next` is null where the line's break
   * is not among the known bytes.
   */
  | { readonly kind: 'malformed'; readonly next: number | null }
  /** The known bytes do not decide: give more. */
  | { readonly kind: 'incomplete' };

/**
 * Reads the record that starts at `start`.
 *
 * @param bytes a buffer whose bytes before `limit` are known
 * @param final whether the input ends at `limit`
 */
export function readRecord(
  bytes: Uint8Array,
  start: number,
  limit: number,
  delimiter: number,
  final: boolean,
): CsvRecord {
  const bound = Math.min(limit, start + MAX_RECORD_BYTES + 2);
  const endOfInput = final && bound === limit;
  const malformed = (): CsvRecord => ({ kind: 'malformed', next: nextLine(bytes, start, limit, final) });
  const undecided = (): CsvRecord =>
    bound < limit || bound === start + MAX_RECORD_BYTES + 2 ? malformed() : { kind: 'incomplete' };

  const ranges: FieldRange[] = [];
  for (let from = start; ; ) {
    const quoted = from < bound && bytes[from] === QUOTE;
    const to = quoted ? afterClosingQuote(bytes, from, bound) : endOfUnquoted(bytes, from, bound, delimiter);
    if (to < 0) return endOfInput ? malformed() : undecided();
    if (to === bound && !endOfInput) return undecided();

    const next = afterLineBreak(bytes, to, bound, endOfInput);
    if (next === 0) return undecided();
    if (next > 0) {
      const content = !quoted && to > from && bytes[to] === LF && bytes[to - 1] === CR ? to - 1 : to;
      ranges.push({ from, to: content, quoted });
      return content - start > MAX_RECORD_BYTES ? malformed() : { kind: 'fields', next, ranges };
    }
    if (bytes[to] !== delimiter) return malformed();
    ranges.push({ from, to, quoted });
    from = to + 1;
  }
}

/** The text of a field: unquoted, doubled quotes halved, untrimmed. */
export function fieldText(bytes: Uint8Array, { from, to, quoted }: FieldRange): string {
  const inner = quoted ? 1 : 0;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from + inner, to - from - 2 * inner).toString(
    'utf8',
  );
  return quoted ? text.replaceAll('""', '"') : text;
}

/** The offset behind the closing quote of the field that opens at `from`, or -1 when it does not close. */
function afterClosingQuote(bytes: Uint8Array, from: number, bound: number): number {
  let at = from + 1;
  while (at < bound) {
    if (bytes[at] !== QUOTE) at++;
    else if (at + 1 < bound && bytes[at + 1] === QUOTE) at += 2;
    else return at + 1;
  }
  return -1;
}

function endOfUnquoted(bytes: Uint8Array, from: number, bound: number, delimiter: number): number {
  let at = from;
  while (at < bound && bytes[at] !== delimiter && bytes[at] !== LF && bytes[at] !== QUOTE) at++;
  return at;
}

/** The offset behind a line break (or the end of the input) at `at`; -1 when there is none, 0 when bytes are missing. */
function afterLineBreak(bytes: Uint8Array, at: number, bound: number, endOfInput: boolean): number {
  if (at === bound) return bound;
  if (bytes[at] === LF) return at + 1;
  if (bytes[at] !== CR) return -1;
  if (at + 1 === bound) return endOfInput ? bound : 0;
  return bytes[at + 1] === LF ? at + 2 : -1;
}

function nextLine(bytes: Uint8Array, start: number, limit: number, final: boolean): number | null {
  const at = bytes.subarray(0, limit).indexOf(LF, start);
  if (at >= 0) return at + 1;
  return final ? limit : null;
}
