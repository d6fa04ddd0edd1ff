/**
 * The inner loop of the CSV scan, in AssemblyScript with SIMD. It takes ordinary rows and stops at the first row that
 * is not, which the caller reads the slow way. Ordinary is a row that `readRecord` and `readRow` accept, whose figures
 * are plain digits and not too many of them, and whose item, and day unless written YYYY-MM-DD, were learned as they
 * stand in the file, quotes included. `npm run build:kernel` makes `binary.ts` of this.
 */
import { equal, marks } from './bytes.as';
import { dayOf, integer, micros, NO_DAY } from './figures.as';
import { find, forgetKeys } from './keys.as';
import {
  BATCH_CAPACITY,
  BATCH_DAYS,
  BATCH_FIGURES,
  BATCH_ITEMS,
  MAX_RECORD_BYTES,
  ROLES,
} from './layout.as';

export { learn } from './keys.as';
export {
  BATCH_CAPACITY,
  BATCH_DAYS,
  BATCH_FIGURES,
  BATCH_ITEMS,
  MAX_COLUMNS,
  ROLES,
  WINDOW,
  WINDOW_BYTES,
} from './layout.as';

/** Roles of columns, as in kernel.ts. */
const OTHER: u32 = 0;
const ITEM: u32 = 1;
const DAY: u32 = 2;
const IMPRESSIONS: u32 = 3;
const CLICKS: u32 = 4;

/** Kinds of keys. */
export const ITEM_KEY: u32 = 0;
export const DAY_KEY: u32 = 1 << 31;
/** Day numbers are kept as values with this added, which makes them positive. */
export const DAY_BIAS: i32 = 1 << 20;

const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
const QUOTE: u32 = 0x22;

/** Why `scan` stopped, as in kernel.ts. */
const AT_END: u32 = 0;
const BATCH_FULL: u32 = 1;
const ODD_ROW: u32 = 2;
/** So far an ordinary row, but its item or its day, whose raw bytes are `[keyFrom, keyTo)`, is not known. */
const UNKNOWN_ITEM: u32 = 3;
const UNKNOWN_DAY: u32 = 4;

export let halt: u32 = AT_END;
export let rows: u32 = 0;
export let lines: u32 = 0;
export let batchLength: u32 = 0;
export let keyFrom: usize = 0;
export let keyTo: usize = 0;

let delimiter: u32 = 0;
let columns: u32 = 0;
let keyColumns: u32 = 0;
let limit: usize = 0;
/** The highest bit where rows with bytes past ASCII are not ordinary. */
let oddBits: i8 = 0;

/** The bytes of the last row up to and with the delimiter behind its last key column; equal bytes are the same cell. */
let prefixStart: usize = 0;
let prefixLength: usize = 0;
let prefixBreaks: u32 = 0;

/** What the fields of the row say. */
let day: i32 = 0;
let impressions: i64 = 0;
let clicks: i64 = 0;
let spend: i64 = 0;

/**
 * Forgets everything, for a new input.
 *
 * @param keyColumnCount number of leading columns that hold the keys; 0 where a figure stands before a key
 */
export function reset(delimiterByte: u32, columnCount: u32, keyColumnCount: u32): void {
  delimiter = delimiterByte;
  columns = columnCount;
  keyColumns = keyColumnCount;
  batchLength = 0;
  spend = 0;
  forgetKeys();
}

/**
 * Scans rows that start in `[start, stop)`; the byte at `end` is a line feed.
 *
 * @param asciiOnly whether rows with other bytes are not ordinary
 * @returns where it stopped
 */
export function scan(start: usize, stop: usize, end: usize, asciiOnly: bool): usize {
  rows = 0;
  lines = 0;
  prefixLength = 0;
  limit = end;
  oddBits = asciiOnly ? -128 : 0;
  let at = start;
  halt = AT_END;
  while (at < stop) {
    if (batchLength == BATCH_CAPACITY) {
      halt = BATCH_FULL;
      break;
    }
    const next = row(at);
    if (next == 0) break;
    rows++;
    at = next;
  }
  return at;
}

/** Takes one row; returns the next row's address, or 0 with nothing taken when the row is not ordinary. */
function row(start: usize): usize {
  halt = ODD_ROW;
  let at = start;
  let column: u32 = 0;
  let breaks: u32 = 0;
  const samePrefix = prefixLength > 0 && equal(prefixStart, start, prefixLength);
  if (samePrefix) {
    at += prefixLength;
    if (at > limit) return 0;
    column = keyColumns;
    breaks = prefixBreaks;
  }
  let keyEnd = start;
  let keyBreaks: u32 = 0;

  // The special bytes of 64 from `base` on that are still to come, as bits; kept in locals, or half the speed is lost.
  let base = at;
  let mask = specials(base);
  let end: usize;
  let byte: u32;
  for (;;) {
    while (mask == 0) mask = specials((base += 64));
    end = base + <usize>ctz(mask);
    mask &= mask - 1;
    byte = load<u8>(end);
    let to = end;
    const quoted = byte == QUOTE;
    if (quoted) {
      if (end != at) return 0;
      for (;;) {
        while (mask == 0) mask = specials((base += 64));
        to = base + <usize>ctz(mask);
        mask &= mask - 1;
        byte = load<u8>(to);
        if (byte == LF) {
          if (to >= limit) return 0;
          breaks++;
        } else if (byte == QUOTE) {
          if (load<u8>(to, 1) != QUOTE) break;
          while (mask == 0) mask = specials((base += 64));
          mask &= mask - 1;
        } else if (byte >= 0x80) return 0;
      }
      while (mask == 0) mask = specials((base += 64));
      end = base + <usize>ctz(mask);
      mask &= mask - 1;
      byte = load<u8>(end);
      const gap = end - to;
      if (gap != 1 && (gap != 2 || byte != LF || load<u8>(to, 1) != CR)) return 0;
    } else if (byte == LF && load<u8>(end - 1) == CR) to--;

    const role: u32 = load<u8>(ROLES + column);
    if (role != OTHER && !readField(role, at + <usize>quoted, to, quoted)) return 0;
    column++;
    if (byte != delimiter || column == columns) break;
    at = end + 1;
    if (column == keyColumns) {
      keyEnd = at;
      keyBreaks = breaks;
    }
  }
  if (byte != LF || column != columns || end >= limit || end - start > MAX_RECORD_BYTES) return 0;
  if (clicks > impressions) return 0;
  if (samePrefix) addToLast();
  else {
    if (!push()) return 0;
    prefixStart = start;
    prefixLength = keyEnd - start;
    prefixBreaks = keyBreaks;
  }
  lines += breaks + 1;
  halt = AT_END;
  return end + 1;
}

/** Reads the content `[from, to)` of a field that has a role; false where it is not ordinary. */
@inline
function readField(role: u32, from: usize, to: usize, quoted: bool): bool {
  if (role == ITEM) {
    keyFrom = from - <usize>quoted;
    keyTo = to + <usize>quoted;
    return true;
  }
  if (role == DAY) {
    day = dayOf(from, to - from);
    return day != NO_DAY || readLearnedDay(from - <usize>quoted, to + <usize>quoted);
  }
  if (role == IMPRESSIONS) {
    impressions = integer(from, to - from);
    return impressions >= 0;
  }
  if (role == CLICKS) {
    clicks = integer(from, to - from);
    return clicks >= 0;
  }
  spend = micros(from, to - from);
  return spend >= 0;
}

function readLearnedDay(from: usize, to: usize): bool {
  const value = find(from, to - from, DAY_KEY);
  if (value < 0) {
    halt = UNKNOWN_DAY;
    keyFrom = from;
    keyTo = to;
    return false;
  }
  day = value - DAY_BIAS;
  return true;
}

/** Adds the row's figures to the last observation of the batch, which is of the same cell. */
@inline
function addToLast(): void {
  const figures = BATCH_FIGURES + <usize>(batchLength - 1) * 24;
  store<f64>(figures, load<f64>(figures) + <f64>impressions);
  store<f64>(figures, load<f64>(figures, 8) + <f64>clicks, 8);
  store<f64>(figures, load<f64>(figures, 16) + <f64>spend, 16);
}

/** Puts the row into the batch; false where its item is not known. */
@inline
function push(): bool {
  const item = find(keyFrom, keyTo - keyFrom, ITEM_KEY);
  if (item < 0) {
    halt = UNKNOWN_ITEM;
    return false;
  }
  const figures = BATCH_FIGURES + <usize>batchLength * 24;
  store<i32>(BATCH_ITEMS + (<usize>batchLength << 2), item);
  store<i32>(BATCH_DAYS + (<usize>batchLength << 2), day);
  store<f64>(figures, <f64>impressions);
  store<f64>(figures, <f64>clicks, 8);
  store<f64>(figures, <f64>spend, 16);
  batchLength++;
  return true;
}

/** A bit for each of 64 bytes that is a delimiter, a line feed, a quote, or odd. */
@inline
function specials(at: usize): u64 {
  const delimiters = i8x16.splat(<i8>delimiter);
  return marks(at, delimiters, i8x16.splat(<i8>LF), i8x16.splat(<i8>QUOTE), i8x16.splat(oddBits));
}
