import { type ByteReader, type ByteSource, readFully } from '../input/byte-reader.ts';
import { isRefusal, readRateRow, readRow } from '../observation/row.ts';
import type { CsvPlan } from './plan.ts';
import { type FieldRange, fieldText, LF, QUOTE, readRecord } from './record.ts';

const PROBE_BYTES = 1 << 16;
/** Records that vote on a guess: a handful settles it, and a wrong guess only costs a second scan. */
const VOTES = 16;
/** Quotes looked at for the end of a cut field. The first may be half of a doubled quote, or the first of one. */
const CLOSING_QUOTES = 4;

/**
 * Guesses where the first record in `[start, end)` begins, without reading what stands before: nobody knows whether a
 * line break there is inside quotes. The possibilities are read with the known columns, and the one under which most
 * rows make sense wins; `rescans` later finds out every wrong guess.
 *
 * @returns an offset in the input; `end` or more when no record seems to start in the range
 */
export async function guessFirstRecord(
  source: ByteSource,
  start: number,
  end: number,
  plan: CsvPlan,
): Promise<number> {
  if (start <= plan.dataStart) return plan.dataStart;
  // A record starts at `start` itself when the byte before it is a line break.
  const origin = start - 1;
  const reader = source.open(origin);
  const probe = await readFully(reader, new Uint8Array(0), PROBE_BYTES);
  const final = origin + probe.length >= source.size;
  const outside = afterLineBreak(probe, 0);
  if (outside < 0) return nextLine(reader, origin + probe.length, end);
  let best = { at: outside, score: plausibility(probe, outside, final, plan) };
  for (const at of afterQuotedField(probe, plan)) {
    const score = plausibility(probe, at, final, plan);
    if (score > best.score) best = { at, score };
  }
  return origin + best.at;
}

/** The first line start behind a stretch without line breaks. */
async function nextLine(reader: ByteReader, offset: number, end: number): Promise<number> {
  const block = new Uint8Array(PROBE_BYTES);
  for (let at = offset; at < end; ) {
    const count = await reader.read(block);
    if (count === 0) break;
    const line = afterLineBreak(block.subarray(0, count), 0);
    if (line >= 0) return at + line;
    at += count;
  }
  return end;
}

function afterLineBreak(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(LF, from);
  return at < 0 ? -1 : at + 1;
}

/** Where a record may start if the probe begins inside a quoted field, for each quote that may end that field. */
function afterQuotedField(probe: Uint8Array, plan: CsvPlan): number[] {
  const found: number[] = [];
  // The byte before the range counts only as a possible line break: its own quote is on the other side.
  let at = probe.indexOf(QUOTE, 1);
  for (let quotes = 0; quotes < CLOSING_QUOTES && at >= 0; quotes++) {
    // Read on as if the quoted field began at its closing quote: an empty field there would be `""`.
    const rest = new Uint8Array(probe.length - at + 1);
    rest[0] = QUOTE;
    rest.set(probe.subarray(at), 1);
    const record = readRecord(rest, 0, rest.length, plan.delimiter.charCodeAt(0), false);
    if (record.kind === 'fields') found.push(at - 1 + record.next);
    at = probe.indexOf(QUOTE, at + 1);
  }
  return found;
}

/** Valid rows less refused ones among the first records from `from` on. */
function plausibility(probe: Uint8Array, from: number, final: boolean, plan: CsvPlan): number {
  const delimiter = plan.delimiter.charCodeAt(0);
  let score = 0;
  for (let at = from, votes = 0; at < probe.length && votes < VOTES; votes++) {
    const record = readRecord(probe, at, probe.length, delimiter, final);
    if (record.kind === 'incomplete' || record.next === null) break;
    score += record.kind === 'fields' && makesSense(probe, record.ranges, plan) ? 1 : -1;
    at = record.next;
  }
  return score;
}

function makesSense(probe: Uint8Array, ranges: readonly FieldRange[], plan: CsvPlan): boolean {
  if (ranges.length !== plan.columns.names.length) return false;
  const fields = ranges.map((range) => fieldText(probe, range));
  if (plan.columns.index.ctr < 0) return !isRefusal(readRow(fields, plan.columns, plan.dayFormat));
  return !isRefusal(readRateRow(fields, plan.columns, plan.dayFormat).asPercentage);
}
