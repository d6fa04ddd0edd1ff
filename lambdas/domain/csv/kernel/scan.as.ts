/**
 * The inner loop of the CSV scan, in AssemblyScript with SIMD. It takes ordinary rows and stops at the first row that
 * is not, which the caller reads the slow way. Ordinary is a row that `readRecord` and `readRow` accept, whose figures
 * are plain digits and not too many of them, and whose item, and day unless written YYYY-MM-DD, were learned as they
 * stand in the file, quotes included.
 *
 * A load may read up to 64 bytes past what it is about; window and heap leave room for that. `npm run build:kernel`
 * makes `binary.ts` of this file.
 */

/** Roles of columns, one byte each. */
export const ROLES: usize = 1024;
export const MAX_COLUMNS: u32 = 4096;
const OTHER: u32 = 0;
const ITEM: u32 = 1;
const DAY: u32 = 2;
const IMPRESSIONS: u32 = 3;
const CLICKS: u32 = 4;

/** Observations of consecutive rows, as parallel columns; three figures to each. */
export const BATCH_CAPACITY: u32 = 512;
export const BATCH_ITEMS: usize = 8192;
export const BATCH_DAYS: usize = 12288;
export const BATCH_FIGURES: usize = 16384;

/** The bytes to be scanned: the longest record, a block of input, and room to read past them. */
export const WINDOW: usize = 65536;
export const WINDOW_BYTES: usize = (1 << 20) + (1 << 19) + 1024;
const MAX_RECORD_BYTES: usize = 1 << 20;

/** Known keys: open addressing over pairs of a hash and the address of a key; 0 is free. */
const FIRST_ENTRIES: usize = 32768;
const FIRST_CAPACITY: u32 = 1024;
const ENTRY_SHIFT: u32 = 3;
/** A key is the length of its bytes with its kind, its value, and its bytes. */
const KEY_BYTES: usize = 8;
export const ITEM_KEY: u32 = 0;
export const DAY_KEY: u32 = 1 << 31;
/** Day numbers are kept as values with this added, which makes them positive. */
export const DAY_BIAS: i32 = 1 << 20;
/** Keys that would need a longer search are not learned, so that an input made to collide costs only the slow way. */
const MAX_PROBES: u32 = 32;
const MAX_KEY_BYTES: usize = 4096;
const HEAP: usize = WINDOW + WINDOW_BYTES;
const MAX_HEAP: usize = 1 << 30;
const SPARE: usize = 64;

const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
const QUOTE: u32 = 0x22;
const POINT: i32 = 0x2e;

/** Why `scan` stopped. */
export const AT_END: u32 = 0;
export const BATCH_FULL: u32 = 1;
export const ODD_ROW: u32 = 2;
/** So far an ordinary row, but its item or its day, whose raw bytes are `[keyFrom, keyTo)`, is not known. */
export const UNKNOWN_ITEM: u32 = 3;
export const UNKNOWN_DAY: u32 = 4;

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
/** All ones where rows with bytes past ASCII are not ordinary. */
let oddBytes: i8 = 0;

/** The bytes of the last row up to and with the delimiter behind its last key column; equal bytes are the same cell. */
let prefixStart: usize = 0;
let prefixLength: usize = 0;
let prefixLines: u32 = 0;

let entries: usize = FIRST_ENTRIES;
let entryMask: u32 = FIRST_CAPACITY - 1;
let learned: u32 = 0;
let heapTop: usize = HEAP;

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
  entries = FIRST_ENTRIES;
  entryMask = FIRST_CAPACITY - 1;
  learned = 0;
  heapTop = HEAP;
  memory.fill(FIRST_ENTRIES, 0, <usize>FIRST_CAPACITY << ENTRY_SHIFT);
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
  oddBytes = asciiOnly ? -128 : 0;
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

/** Takes one row; returns the next row's address, or 0 with only `halt` changed when the row is not ordinary. */
function row(start: usize): usize {
  halt = ODD_ROW;
  let at = start;
  let column: u32 = 0;
  let breaks: u32 = 1;
  let samePrefix = false;
  if (prefixLength > 0 && equal(prefixStart, start, prefixLength)) {
    samePrefix = true;
    at += prefixLength;
    if (at > limit) return 0;
    breaks += prefixLines;
    column = keyColumns;
  }
  let itemFrom: usize = 0;
  let itemTo: usize = 0;
  let day: i32 = 0;
  let impressions: i64 = 0;
  let clicks: i64 = 0;
  let spend: i64 = 0;
  let keyEnd: usize = 0;
  let keyBreaks: u32 = 0;

  let base = at;
  let mask = specials(base);
  let end: usize;
  let byte: u32;
  for (;;) {
    while (mask == 0) mask = specials((base += 64));
    end = base + <usize>ctz(mask);
    mask &= mask - 1;
    byte = load<u8>(end);
    let from = at;
    let to = end;
    if (byte == QUOTE) {
      if (end != at) return 0;
      from++;
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
    } else if (byte == LF && end > at && load<u8>(end - 1) == CR) to--;

    const role: u32 = load<u8>(ROLES + column);
    if (role != OTHER) {
      if (role == ITEM) {
        itemFrom = at;
        itemTo = to + (from - at);
      } else if (role == DAY) {
        day = dayOf(from, to - from);
        if (day == NO_DAY) {
          keyFrom = at;
          keyTo = to + (from - at);
          day = find(keyFrom, keyTo - keyFrom, DAY_KEY) - DAY_BIAS;
          if (day == -1 - DAY_BIAS) {
            halt = UNKNOWN_DAY;
            return 0;
          }
        }
      } else if (role == IMPRESSIONS) {
        impressions = integer(from, to - from);
        if (impressions < 0) return 0;
      } else if (role == CLICKS) {
        clicks = integer(from, to - from);
        if (clicks < 0) return 0;
      } else {
        spend = micros(from, to - from);
        if (spend < 0) return 0;
      }
    }
    column++;
    if (byte != delimiter || column == columns) break;
    at = end + 1;
    if (column == keyColumns) {
      keyEnd = at;
      keyBreaks = breaks - 1;
    }
  }
  if (byte != LF || column != columns || end >= limit || clicks > impressions || end - start > MAX_RECORD_BYTES) {
    return 0;
  }
  if (samePrefix) {
    const figures = BATCH_FIGURES + <usize>(batchLength - 1) * 24;
    store<f64>(figures, load<f64>(figures) + <f64>impressions);
    store<f64>(figures, load<f64>(figures, 8) + <f64>clicks, 8);
    store<f64>(figures, load<f64>(figures, 16) + <f64>spend, 16);
  } else {
    const item = find(itemFrom, itemTo - itemFrom, ITEM_KEY);
    if (item < 0) {
      halt = UNKNOWN_ITEM;
      keyFrom = itemFrom;
      keyTo = itemTo;
      return 0;
    }
    const figures = BATCH_FIGURES + <usize>batchLength * 24;
    store<i32>(BATCH_ITEMS + ((<usize>batchLength) << 2), item);
    store<i32>(BATCH_DAYS + ((<usize>batchLength) << 2), day);
    store<f64>(figures, <f64>impressions);
    store<f64>(figures, <f64>clicks, 8);
    store<f64>(figures, <f64>spend, 16);
    batchLength++;
    prefixStart = start;
    prefixLength = keyColumns == 0 ? 0 : keyEnd - start;
    prefixLines = keyBreaks;
  }
  lines += breaks;
  halt = AT_END;
  return end + 1;
}

/** A bit for each of 64 bytes that is a delimiter, a line feed, a quote, or odd. */
@inline
function specials(at: usize): u64 {
  const d = i8x16.splat(<i8>delimiter);
  return (
    specials16(v128.load(at), d) |
    (specials16(v128.load(at, 16), d) << 16) |
    (specials16(v128.load(at, 32), d) << 32) |
    (specials16(v128.load(at, 48), d) << 48)
  );
}

@inline
function specials16(bytes: v128, d: v128): u64 {
  const lf = i8x16.eq(bytes, i8x16.splat(<i8>LF));
  const quote = i8x16.eq(bytes, i8x16.splat(<i8>QUOTE));
  const odd = v128.and(bytes, i8x16.splat(oddBytes));
  return <u64>i8x16.bitmask(v128.or(v128.or(lf, quote), v128.or(i8x16.eq(bytes, d), odd)));
}

const ZEROS: u64 = 0x3030303030303030;

/** Whether every byte is at most 9. */
@inline
function areDigits(bytes: u64): bool {
  return (((bytes + 0x7676767676767676) | bytes) & 0x8080808080808080) == 0;
}

/** The number of eight digits, the first in the lowest byte; D. Lemire, "Quickly parsing eight digits" (2018). */
@inline
function number8(digits: u64): i64 {
  const pairs = digits * 10 + (digits >> 8);
  const low = (pairs & 0x000000ff000000ff) * 0x000f424000000064;
  const high = ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001;
  return <i64>((low + high) >> 32);
}

/** A number of 1 to 15 digits; -1 for anything else. */
@inline
function integer(from: usize, length: usize): i64 {
  if (length - 1 >= 8) return longInteger(from, length);
  const digits = (load<u64>(from) ^ ZEROS) << (64 - 8 * <u64>length);
  return areDigits(digits) ? number8(digits) : -1;
}

function longInteger(from: usize, length: usize): i64 {
  if (length < 9 || length > 15) return -1;
  const rest = length - 8;
  const first = (load<u64>(from) ^ ZEROS) << (64 - 8 * <u64>rest);
  const last = load<u64>(from + rest) ^ ZEROS;
  return areDigits(first) && areDigits(last) ? number8(first) * 100000000 + number8(last) : -1;
}

/** A number of 1 to 8 digits with at most six more behind a point, in millionths; -1 for anything else. */
@inline
function micros(from: usize, length: usize): i64 {
  const points = i8x16.bitmask(i8x16.eq(v128.load(from), i8x16.splat(<i8>POINT)));
  const whole = <usize>ctz(points | (1 << 16));
  if (whole >= length) {
    const value = integer(from, length);
    return length <= 8 && value >= 0 ? value * 1000000 : -1;
  }
  const places = length - whole - 1;
  if (whole - 1 >= 8 || places - 1 >= 6) return -1;
  const wholeDigits = (load<u64>(from) ^ ZEROS) << (64 - 8 * <u64>whole);
  // Two zero digits, the places, and as many zeros as make eight digits.
  const placeDigits = ((load<u64>(from + whole + 1) ^ ZEROS) & ((1 << (8 * <u64>places)) - 1)) << 16;
  if (!areDigits(wholeDigits) || !areDigits(placeDigits)) return -1;
  return number8(wholeDigits) * 1000000 + number8(placeDigits);
}

const NO_DAY: i32 = i32.MIN_VALUE;

/** The day number of a YYYY-MM-DD (as `dayNumber` in observation/day.ts), or NO_DAY. */
@inline
function dayOf(from: usize, length: usize): i32 {
  const date = load<u64>(from) ^ 0x2d30302d30303030;
  const last = load<u16>(from, 8) ^ 0x3030;
  if (length != 10 || (date & 0xff0000ff00000000) != 0 || !areDigits(date) || !areDigits(last)) return NO_DAY;
  const pairs = date * 10 + (date >> 8);
  const year = <u32>(pairs & 0xff) * 100 + (<u32>(pairs >> 16) & 0xff);
  const month = <u32>(pairs >> 40) & 0xff;
  const day = (<u32>last & 0xff) * 10 + (<u32>last >> 8);
  if (month - 1 >= 12 || day - 1 >= monthLength(year, month)) return NO_DAY;
  // Years are counted from March, and from 400 years earlier, which keeps them positive.
  const shifted = year + 400 - <u32>(month <= 2);
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return <i32>(shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear) - (719468 + 146097);
}

@inline
function monthLength(year: u32, month: u32): u32 {
  if (month != 2) return 30 + ((month + (month >> 3)) & 1);
  return 28 + <u32>(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

/** Whether two runs of bytes are equal; their last 16 bytes, which differ the most often, are looked at first. */
function equal(a: usize, b: usize, length: usize): bool {
  if (length <= 16) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b)));
    return (~same & ((1 << <u32>length) - 1)) == 0;
  }
  const last = length - 16;
  if (v128.any_true(v128.xor(v128.load(a + last), v128.load(b + last)))) return false;
  for (let i: usize = 0; i < last; i += 16) {
    if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
  }
  return true;
}

/** Eight bytes at a time, the last eight overlapping: multiply, and fold the high half, which is the well mixed one. */
@inline
function hashOf(from: usize, length: usize, kind: u32): u32 {
  let hash: u64 = length | kind;
  let last: u64;
  if (length < 8) last = load<u64>(from) << (64 - 8 * <u64>length);
  else {
    const end = from + length - 8;
    for (let at = from; at < end; at += 8) hash = mix(hash ^ load<u64>(at));
    last = load<u64>(end);
  }
  return <u32>mix(mix(hash ^ last));
}

@inline
function mix(bits: u64): u64 {
  const product = bits * 0x9e3779b97f4a7c15;
  return product ^ (product >> 32);
}

/** The value of a key, or -1. */
function find(from: usize, length: usize, kind: u32): i32 {
  const hash = hashOf(from, length, kind);
  let index = hash & entryMask;
  for (let probe: u32 = 0; probe < MAX_PROBES; probe++) {
    const entry = load<u64>(entries + (<usize>index << ENTRY_SHIFT));
    if (entry == 0) return -1;
    const key = <usize>(entry >> 32);
    if (<u32>entry == hash && load<u32>(key) == (<u32>length | kind) && equal(key + KEY_BYTES, from, length)) {
      return load<i32>(key, 4);
    }
    index = (index + 1) & entryMask;
  }
  return -1;
}

/** Remembers the value of a key that is not known; false where the key is too long or its search would be. */
export function learn(from: usize, to: usize, kind: u32, value: i32): bool {
  const length = to - from;
  if (length == 0 || length > MAX_KEY_BYTES) return false;
  if (learned * 2 > entryMask && !enlarge()) return false;
  const hash = hashOf(from, length, kind);
  const entry = freeEntry(hash);
  if (entry == 0) return false;
  const key = allocate(KEY_BYTES + length);
  if (key == 0) return false;
  store<u32>(key, <u32>length | kind);
  store<i32>(key, value, 4);
  memory.copy(key + KEY_BYTES, from, length);
  store<u64>(entry, <u64>hash | (<u64>key << 32));
  learned++;
  return true;
}

/** The entry in which a key with this hash belongs, or 0 where its search would get long. */
function freeEntry(hash: u32): usize {
  let index = hash & entryMask;
  for (let probe: u32 = 0; probe < MAX_PROBES; probe++) {
    const entry = entries + (<usize>index << ENTRY_SHIFT);
    if (load<u64>(entry) == 0) return entry;
    index = (index + 1) & entryMask;
  }
  return 0;
}

function enlarge(): bool {
  const old = entries;
  const end = old + ((<usize>entryMask + 1) << ENTRY_SHIFT);
  const bytes = (end - old) * 4;
  const address = allocate(bytes);
  if (address == 0) return false;
  memory.fill(address, 0, bytes);
  entries = address;
  entryMask = entryMask * 4 + 3;
  learned = 0;
  for (let entry = old; entry < end; entry += 1 << ENTRY_SHIFT) {
    const content = load<u64>(entry);
    const moved = content == 0 ? 0 : freeEntry(<u32>content);
    if (moved == 0) continue;
    store<u64>(moved, content);
    learned++;
  }
  return true;
}

/** Room for so many bytes, or 0. */
function allocate(bytes: usize): usize {
  const address = heapTop;
  const top = address + ((bytes + 15) & ~15);
  if (bytes > MAX_HEAP || top > MAX_HEAP) return 0;
  const missing = <i32>((top + SPARE + 0xffff) >> 16) - memory.size();
  if (missing > 0 && memory.grow(max(missing, 16)) < 0) return 0;
  heapTop = top;
  return address;
}
