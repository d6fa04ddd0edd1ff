import type { ByteSource } from '../input/byte-reader.ts';
import type { Partial } from '../totals/partial.ts';
import { guessFirstRecord } from './boundary.ts';
import type { CsvPlan } from './plan.ts';
import { type ScanProgress, scanRecords } from './scan.ts';

/** A byte range `[start, end)` of an input. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What a worker says of its range, apart from the totals. Both offsets are null when no record starts in the range. */
export interface RangeOutcome extends ByteRange {
  /** Where the worker took the first record to start: known, or guessed. */
  readonly first: number | null;
  /** Where the first record behind the range starts, if `first` is right. */
  readonly next: number | null;
}

export interface RangeScan {
  readonly outcome: RangeOutcome;
  readonly partial: Partial;
}

/** A range to be scanned again, now that its first record is known. `first` is `end` or more when it has none. */
export interface Rescan extends ByteRange {
  readonly first: number;
}

/**
 * Scans the records that start in a byte range, reading past its end to finish the last one.
 *
 * @param first where the first record starts, when that is known; otherwise it is guessed
 */
export async function scanRange(
  source: ByteSource,
  { start, end }: ByteRange,
  plan: CsvPlan,
  first: number | null = null,
  onProgress?: ScanProgress,
): Promise<RangeScan> {
  const from = first ?? (await guessFirstRecord(source, start, end, plan));
  const stop = Math.min(end, source.size);
  const schema = { ...plan, delimiter: plan.delimiter.charCodeAt(0) };
  const reader = from < stop ? source.open(from) : { read: async () => 0 };
  const { scanner, next } = await scanRecords(reader, { start: from, stop }, schema, onProgress);
  const empty = from >= stop;
  return {
    outcome: { start, end, first: empty ? null : from, next: empty ? null : next },
    partial: {
      spans: empty ? [] : [{ from, to: next, lines: scanner.lines }],
      rowsRead: scanner.rowsRead,
      withSpend: plan.columns.index.spend >= 0,
      tallies: scanner.tallies,
      percentSeen: scanner.percentSeen,
    },
  };
}

/**
 * Finds the ranges whose guess was wrong. Reading a record depends on nothing but the bytes from its start on, so the
 * scan of a range is right exactly when its first record is; and a right scan knows where the first record behind its
 * range starts. From the header on, every range must therefore begin where the one before it ended.
 *
 * Behind a wrong range the chain goes on from that range's own end, which is right nearly always (a wrong guess falls
 * back into step within a few rows). What was scanned again is checked again, and each round settles at least the
 * first wrong range, so repeating until nothing is left ends, and is exact whatever the input.
 *
 * @param outcomes of ranges that tile the input, in order
 */
export function rescans(outcomes: readonly RangeOutcome[], dataStart: number): Rescan[] {
  const wrong: Rescan[] = [];
  let expected: number | null = dataStart;
  for (const { start, end, first, next } of outcomes) {
    if (expected !== null && expected >= end) {
      if (first !== null) wrong.push({ start, end, first: expected });
      continue;
    }
    if (expected !== null && first !== expected) wrong.push({ start, end, first: expected });
    // A range that found no record, but should have, leaves the chain without a link until it is scanned again.
    expected = first === null ? null : next;
  }
  return wrong;
}
