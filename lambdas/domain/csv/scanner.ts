import { isUtf8 } from 'node:buffer';
import type { Columns, Field } from '../observation/columns.ts';
import { type DayFormat, dayNumber } from '../observation/day.ts';
import type { RejectReason } from '../observation/reject.ts';
import { type Refusal, readItem, readRateRow, readRow } from '../observation/row.ts';
import { MAX_TEXT_BYTES } from '../totals/rejections.ts';
import { Batch, type TotalsTable } from '../totals/table.ts';
import { type Tallies, Tally } from '../totals/tally.ts';
import { RawKeys, sameBytes } from './raw-keys.ts';
import { CR, fieldText, LF, MAX_RECORD_BYTES, QUOTE, readRecord } from './record.ts';

/** What is needed to read a row of a CSV. */
export interface RowSchema {
  readonly delimiter: number;
  readonly columns: Columns;
  readonly dayFormat: DayFormat | null;
}

/** Roles of columns in the fast scanner. */
const OTHER = 0;
const ITEM = 1;
const DAY = 2;
const IMPRESSIONS = 3;
const CLICKS = 4;
const SPEND = 5;
const ROLES: readonly (readonly [Field, number])[] = [
  ['item', ITEM],
  ['day', DAY],
  ['impressions', IMPRESSIONS],
  ['clicks', CLICKS],
  ['spend', SPEND],
];
/** More digits than this go the slow way, which is exact for any number. */
const FAST_DIGITS = 9;
const MICROS_OF_FRACTION = [1e6, 1e5, 1e4, 1e3, 100, 10, 1] as const;
const DAY_CACHE = 4096;
const NO_DAY = 0x7fffffff;
const POINT = 0x2e;

/**
 * Scans records into daily totals.
 *
 * Almost every row takes the fast way: no strings, numbers parsed in place, the item found by its raw bytes, and
 * nothing looked up at all when a row begins with the same bytes up to its last key column as the row before it.
 * Whatever the fast way does not expect (an escaped quote, another date format, a bad value) goes the slow way of
 * `readRecord` and `readRow`, one row at a time. `test/domain/csv` proves that both give the same totals.
 */
export class RecordScanner {
  /** One tally; two (as fraction, as percentage) where clicks are derived from ctr. */
  readonly tallies: Tallies;
  rowsRead = 0;
  /** Line breaks passed. */
  lines = 0;
  percentSeen = false;
  /** The scanner is inside a line without end: everything up to the next line break is to be passed over. */
  skippingLine = false;

  readonly #schema: RowSchema;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #roles: Uint8Array;
  readonly #special = new Uint8Array(256);
  readonly #fast: boolean;
  readonly #table: TotalsTable;
  readonly #batch = new Batch();
  readonly #keys = new RawKeys();
  readonly #dayKeys = new Int32Array(DAY_CACHE * 3);
  readonly #dayNumbers = new Int32Array(DAY_CACHE);
  /** Number of leading columns that hold the keys; 0 where a figure stands before a key. */
  readonly #keyColumns: number;

  #at = 0;
  #checkUtf8 = false;
  #prefixStart = 0;
  #prefixLength = 0;
  #prefixLines = 0;

  /** @param bytes the buffer that every call of `scan` works on, with four spare bytes at its end */
  constructor(schema: RowSchema, bytes: Uint8Array) {
    this.#schema = schema;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { index, names } = schema.columns;
    this.#roles = new Uint8Array(names.length);
    for (const [field, role] of ROLES) if (index[field] >= 0) this.#roles[index[field]] = role;
    for (const byte of [schema.delimiter, LF, QUOTE]) this.#special[byte] = 1;
    this.#fast = index.ctr < 0;
    const keyColumns = Math.max(index.item, index.day) + 1;
    const figures = [index.impressions, index.clicks, index.spend].filter((column) => column >= 0);
    this.#keyColumns = Math.min(...figures) >= keyColumns ? keyColumns : 0;
    const tally = new Tally();
    this.#table = tally.table;
    this.tallies = this.#fast ? [tally] : [tally, new Tally()];
  }

  /**
   * Scans the records that start in `[start, stop)`.
   *
   * @param limit bytes before it are known; `bytes[limit]` is overwritten
   * @param final whether the input ends at `limit`
   * @param base offset of `bytes[0]` in the input
   * @returns where the first record that was not scanned starts; records that `limit` cuts are not scanned
   */
  scan(start: number, limit: number, final: boolean, stop: number, base: number): number {
    const next = this.#scan(start, limit, final, stop, base);
    this.#table.addBatch(this.#batch);
    return next;
  }

  #scan(start: number, limit: number, final: boolean, stop: number, base: number): number {
    const bytes = this.#bytes;
    const lastBreak = final ? limit : bytes.subarray(0, limit).lastIndexOf(LF) + 1;
    this.#checkUtf8 = lastBreak > start && !isUtf8(bytes.subarray(start, lastBreak));
    const fast = this.#fast && !this.#checkUtf8;
    this.#prefixLength = 0;
    bytes[limit] = LF;
    let at = start;
    const end = Math.min(stop, limit);
    while (at < end) {
      if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)) {
        const next = at + (bytes[at] === LF ? 1 : 2);
        if (next > limit) return final ? limit : at;
        at = next;
        this.lines++;
        continue;
      }
      let next = fast ? this.#fastRow(at, limit) : -1;
      if (next < 0) {
        next = this.#slowRow(at, limit, final, base);
        if (next < 0) return at;
        if (this.skippingLine) return limit;
      }
      at = next;
    }
    return at;
  }

  /** Scans one ordinary row; returns the next row's offset, or -1 with nothing changed when the slow way must decide. */
  #fastRow(start: number, limit: number): number {
    const bytes = this.#bytes;
    const roles = this.#roles;
    const special = this.#special;
    const delimiter = this.#schema.delimiter;
    let column = 0;
    let at = start;
    let lines = 0;
    let samePrefix = false;
    if (
      this.#prefixLength > 0 &&
      sameBytes(this.#view, this.#prefixStart, this.#view, start, this.#prefixLength)
    ) {
      samePrefix = true;
      at += this.#prefixLength;
      if (at > limit) return -1;
      lines = this.#prefixLines;
      column = this.#keyColumns;
    }
    let itemFrom = 0;
    let itemTo = 0;
    let day = 0;
    let impressions = 0;
    let clicks = 0;
    let spend = 0;
    let keyEnd = 0;
    let keyLines = 0;
    for (; column < roles.length; column++) {
      const role = roles[column];
      const from = at;
      if (role === OTHER || role === ITEM) {
        if (bytes[at] === QUOTE) {
          at++;
          for (;;) {
            const byte = bytes[at++];
            if (byte === LF) {
              if (at > limit) return -1;
              lines++;
            } else if (byte === QUOTE) {
              if (bytes[at] !== QUOTE) break;
              at++;
            }
          }
        } else while (special[bytes[at] ?? 0] === 0) at++;
        if (role === ITEM) {
          itemFrom = from;
          itemTo = at;
        }
      } else {
        const quoted = bytes[at] === QUOTE;
        this.#at = quoted ? at + 1 : at;
        if (role === DAY) {
          day = this.#dayAt();
          if (day === NO_DAY) return -1;
        } else {
          const value = role === SPEND ? this.#microsAt() : this.#integerAt();
          if (value < 0) return -1;
          if (role === IMPRESSIONS) impressions = value;
          else if (role === CLICKS) clicks = value;
          else spend = value;
        }
        at = this.#at;
        if (quoted && bytes[at++] !== QUOTE) return -1;
      }
      if (column === roles.length - 1) break;
      if (bytes[at] !== delimiter) return -1;
      at++;
      if (column + 1 === this.#keyColumns) {
        keyEnd = at;
        keyLines = lines;
      }
    }
    if (bytes[at] === CR) at++;
    if (bytes[at] !== LF || at >= limit || clicks > impressions || at - start > MAX_RECORD_BYTES) return -1;
    const { figures } = this.#batch;
    if (samePrefix) {
      const last = this.#batch.length * 3 - 3;
      figures[last] = (figures[last] ?? 0) + impressions;
      figures[last + 1] = (figures[last + 1] ?? 0) + clicks;
      figures[last + 2] = (figures[last + 2] ?? 0) + spend;
    } else {
      const item = this.#itemAt(itemFrom, itemTo);
      if (item < 0) return -1;
      this.#push(item, day, impressions, clicks, spend);
      this.#prefixStart = start;
      this.#prefixLength = keyEnd === 0 ? 0 : keyEnd - start;
      this.#prefixLines = keyLines;
    }
    this.rowsRead++;
    this.lines += lines + 1;
    return at + 1;
  }

  #push(item: number, day: number, impressions: number, clicks: number, spend: number): void {
    const batch = this.#batch;
    if (batch.length === batch.capacity) this.#table.addBatch(batch);
    const at = batch.length++;
    batch.items[at] = item;
    batch.days[at] = day;
    batch.figures[at * 3] = impressions;
    batch.figures[at * 3 + 1] = clicks;
    batch.figures[at * 3 + 2] = spend;
  }

  /** The item of a raw field, or -1 when it is not acceptable. */
  #itemAt(from: number, to: number): number {
    const known = this.#keys.find(this.#view, from, to);
    if (known >= 0) return known;
    const quoted = this.#bytes[from] === QUOTE;
    const read = readItem(fieldText(this.#bytes, { from, to, quoted }));
    if ('reason' in read) return -1;
    const item = this.#table.item(read.id);
    this.#keys.set(this.#view, from, to, item);
    return item;
  }

  /** Parses up to nine digits at `#at`; -1 when there are none or more. */
  #integerAt(): number {
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    let value = 0;
    for (;;) {
      const digit = (bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = (Math.imul(value, 10) + digit) | 0;
      at++;
    }
    this.#at = at;
    return at === from || at - from > FAST_DIGITS ? -1 : value;
  }

  /** Parses a decimal with up to six fractional digits at `#at` into micro-units; -1 when it is anything else. */
  #microsAt(): number {
    const whole = this.#integerAt();
    if (whole < 0 || this.#bytes[this.#at] !== POINT) return whole < 0 ? -1 : whole * 1e6;
    const from = ++this.#at;
    const fraction = this.#integerAt();
    const unit = MICROS_OF_FRACTION[this.#at - from];
    return fraction < 0 || unit === undefined ? -1 : whole * 1e6 + fraction * unit;
  }

  /** The day number of a `YYYY-MM-DD` at `#at`, parsed once for each distinct day; NO_DAY when it is anything else. */
  #dayAt(): number {
    const at = this.#at;
    const [view, keys] = [this.#view, this.#dayKeys];
    const year = view.getInt32(at, true);
    const month = view.getInt32(at + 4, true);
    const dayOfMonth = view.getInt16(at + 8, true);
    this.#at = at + 10;
    const monthNumber = ((month >>> 8) & 1) * 10 + ((month >>> 16) & 15);
    const dayNumberOfMonth = (dayOfMonth & 3) * 10 + ((dayOfMonth >>> 8) & 15);
    const slot = ((((year >>> 24) & 3) * 13 + monthNumber) * 40 + dayNumberOfMonth) & (DAY_CACHE - 1);
    const key = slot * 3;
    if (keys[key] === year && keys[key + 1] === month && keys[key + 2] === dayOfMonth)
      return this.#dayNumbers[slot] ?? 0;
    const day = this.#parseDay(at);
    if (day === NO_DAY) return NO_DAY;
    keys[key] = year;
    keys[key + 1] = month;
    keys[key + 2] = dayOfMonth;
    this.#dayNumbers[slot] = day;
    return day;
  }

  #parseDay(at: number): number {
    const text = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + at, 10).toString('latin1');
    const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
    return (parts && dayNumber(Number(parts[1]), Number(parts[2]), Number(parts[3]))) ?? NO_DAY;
  }

  /** Reads one record by the obvious readers. Returns the next record's offset, or -1 when more bytes are needed. */
  #slowRow(start: number, limit: number, final: boolean, base: number): number {
    const { delimiter, columns, dayFormat } = this.#schema;
    const bytes = this.#bytes;
    const record = readRecord(bytes, start, limit, delimiter, final);
    if (record.kind === 'incomplete') return -1;
    this.rowsRead++;
    const end = record.next ?? limit;
    const whole = (reason: RejectReason): Refusal => ({
      reason,
      field: null,
      text: this.#lineText(start, end),
    });
    const reject = (refusal: Refusal) => {
      for (const tally of this.tallies) tally.take(refusal, columns, this.lines, start + base);
    };
    if (record.kind === 'malformed') reject(whole('bad_quoting'));
    else if (this.#checkUtf8 && !isUtf8(bytes.subarray(start, end))) reject(whole('bad_utf8'));
    else if (record.ranges.length !== columns.names.length) reject(whole('column_count'));
    else {
      const fields = record.ranges.map((range) => fieldText(bytes, range));
      const [first, second] = this.tallies;
      if (second === undefined)
        first.take(readRow(fields, columns, dayFormat), columns, this.lines, start + base);
      else {
        const reading = readRateRow(fields, columns, dayFormat);
        this.percentSeen ||= reading.exceedsOne;
        first.take(reading.asFraction, columns, this.lines, start + base);
        second.take(reading.asPercentage, columns, this.lines, start + base);
      }
    }
    this.skippingLine = record.next === null;
    for (let at = bytes.indexOf(LF, start); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) this.lines++;
    return end;
  }

  #lineText(start: number, end: number): string {
    const shown = this.#bytes.subarray(start, Math.min(end, start + MAX_TEXT_BYTES));
    return new TextDecoder().decode(shown).replace(/\r?\n$/, '');
  }
}
