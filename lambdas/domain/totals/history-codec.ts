import type { HistoryColumns } from './history.ts';
import { readColumn, readDays, readSpend, writeDays, writeSpend } from './item-codec.ts';
import { ByteCursor, ByteWriter, corrupt } from './varint.ts';

const VERSION = 1;
const MAX_DAYS = 3_700_000;
const writer = new ByteWriter();

/**
 * An item's days as bytes: version, number of days, the days as runs of consecutive ones, then the columns. Before spend
 * stands on how many days it is known, and where that is on some of them, a byte for each day says whether on this one.
 * Equal figures have equal bytes; with daily data a day takes 5 to 8 of them.
 */
export function encodeHistory({ days, impressions, clicks, spendMicros }: HistoryColumns): Uint8Array {
  writer.integer(VERSION);
  writer.integer(days.length);
  writeDays(writer, days);
  for (const value of impressions) writer.integer(value);
  for (const value of clicks) writer.integer(value);
  const known = spendMicros.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  writer.integer(known);
  if (known < days.length && known > 0) {
    for (const value of spendMicros) writer.integer(Number.isNaN(value) ? 0 : 1);
  }
  if (known > 0)
    writeSpend(
      writer,
      spendMicros.map((value) => (Number.isNaN(value) ? 0 : value)),
    );
  return writer.take();
}

/** Reads what {@link encodeHistory} wrote. @throws AnalysisError `internal` at anything that it cannot have written */
export function decodeHistory(bytes: Uint8Array): HistoryColumns {
  const cursor = new ByteCursor(bytes);
  if (cursor.integer() !== VERSION) throw corrupt();
  const length = cursor.integer();
  if (length > MAX_DAYS) throw corrupt();
  const days = readDays(cursor, length);
  const impressions = readColumn(cursor, length);
  const clicks = readColumn(cursor, length);
  const spendMicros = readKnownSpend(cursor, length);
  if (!cursor.done) throw corrupt();
  return { days, impressions, clicks, spendMicros };
}

function readKnownSpend(cursor: ByteCursor, length: number): Float64Array {
  const known = cursor.integer();
  if (known > length) throw corrupt();
  if (known === 0) return new Float64Array(length).fill(Number.NaN);
  const marks = known === length ? null : readColumn(cursor, length);
  const spends = readSpend(cursor, length);
  return marks === null ? spends : spends.map((value, day) => (marks[day] === 0 ? Number.NaN : value));
}
