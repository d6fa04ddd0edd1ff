import type { ItemDays } from './item-days.ts';
import { type ByteCursor, type ByteWriter, corrupt } from './varint.ts';

/** Spend is written in the largest of these parts of a micro-unit that all of an item's days are multiples of. */
const SPEND_UNITS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000] as const;
const MAX_DAYS = 3_700_000;

/**
 * Writes one item: the id as what differs from the one before it, the days as runs of consecutive ones, then the
 * columns. Ids come in order, so neighbours share much; with daily data a group costs 6 to 8 bytes.
 */
export function writeItem(writer: ByteWriter, item: ItemDays, previousId: Uint8Array): Uint8Array {
  const id = Buffer.from(item.id);
  let shared = 0;
  while (shared < id.length && id[shared] === previousId[shared]) shared++;
  writer.integer(shared);
  writer.integer(id.length - shared);
  writer.bytes(id.subarray(shared));
  writer.integer(item.days.length);
  writeDays(writer, item.days);
  for (const value of item.impressions) writer.integer(value);
  for (const value of item.clicks) writer.integer(value);
  if (item.spendMicros !== null) writeSpend(writer, item.spendMicros);
  return id;
}

/** Reads one item. @returns it with the bytes of its id, which the next one needs */
export function readItemDays(
  cursor: ByteCursor,
  previousId: Uint8Array,
  withSpend: boolean,
): { item: ItemDays; id: Uint8Array } {
  const shared = cursor.integer();
  if (shared > previousId.length) throw corrupt();
  const id = Buffer.concat([previousId.subarray(0, shared), cursor.bytes(cursor.integer())]);
  const length = cursor.integer();
  if (length > MAX_DAYS) throw corrupt();
  const days = readDays(cursor, length);
  const impressions = readColumn(cursor, length);
  const clicks = readColumn(cursor, length);
  const spendMicros = withSpend ? readSpend(cursor, length) : null;
  return { item: { id: id.toString(), days, impressions, clicks, spendMicros }, id };
}

/** Alternating distance to the next run and its length. */
export function writeDays(writer: ByteWriter, days: Int32Array): void {
  let expected = 0;
  for (let from = 0; from < days.length; ) {
    const first = days[from] ?? 0;
    let to = from + 1;
    while (to < days.length && days[to] === first + to - from) to++;
    writer.signed(first - expected);
    writer.integer(to - from);
    expected = first + to - from;
    from = to;
  }
}

export function readDays(cursor: ByteCursor, length: number): Int32Array {
  const days = new Int32Array(length);
  let expected = 0;
  for (let from = 0; from < length; ) {
    const first = expected + cursor.signed();
    const run = cursor.integer();
    if (run === 0 || from + run > length) throw corrupt();
    for (let i = 0; i < run; i++) days[from + i] = first + i;
    expected = first + run;
    from += run;
  }
  return days;
}

export function writeSpend(writer: ByteWriter, spendMicros: Float64Array): void {
  let unit = SPEND_UNITS.length - 1;
  for (const value of spendMicros) while (value % (SPEND_UNITS[unit] ?? 1) !== 0) unit--;
  writer.integer(unit);
  for (const value of spendMicros) writer.integer(value / (SPEND_UNITS[unit] ?? 1));
}

export function readSpend(cursor: ByteCursor, length: number): Float64Array {
  const unit = SPEND_UNITS[cursor.integer()];
  if (unit === undefined) throw corrupt();
  return readColumn(cursor, length).map((value) => value * unit);
}

/** Written out, since `Float64Array.from` takes several times as long. */
export function readColumn(cursor: ByteCursor, length: number): Float64Array {
  const values = new Float64Array(length);
  for (let place = 0; place < length; place++) values[place] = cursor.integer();
  return values;
}
