import { isUtf8 } from 'node:buffer';
import type { Columns } from '../observation/columns.ts';
import { type DayFormat, parseDay } from '../observation/day.ts';
import type { RejectReason } from '../observation/reject.ts';
import { type Refusal, readItem, readRateRow, readRow } from '../observation/row.ts';
import { MAX_TEXT_BYTES } from '../totals/rejections.ts';
import type { Batch } from '../totals/table.ts';
import { type Tallies, Tally } from '../totals/tally.ts';
import { HALTS, Kernel, ROLES } from './kernel/kernel.ts';
import { CR, fieldText, LF, MAX_RECORD_BYTES, QUOTE, readRecord } from './record.ts';

/** What is needed to read a row of a CSV. */
export interface RowSchema {
  readonly delimiter: number;
  readonly columns: Columns;
  readonly dayFormat: DayFormat | null;
}

/** Fields that the kernel reads. */
const KERNEL_FIELDS = ['item', 'day', 'impressions', 'clicks', 'spend'] as const;
/** A scanner without a kernel has a buffer of its own. */
const BUFFER_BYTES = MAX_RECORD_BYTES + 2 + (1 << 16);

/**
 * Scans records into daily totals.
 *
 * Almost every row is taken by the kernel: no strings, numbers parsed in place, the item found by its raw bytes, and
 * nothing looked up at all when a row begins with the same bytes up to its last key column as the row before it.
 * Whatever is out of the ordinary (a bad value, a number of many digits, a last line without an end) goes the slow way
 * of `readRecord` and `readRow`, one row at a time. `test/domain/csv` holds that both give the same.
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
  readonly #kernel: Kernel | null;
  readonly #ownBytes: Uint8Array;
  readonly #addBatch: (batch: Batch, length: number) => void;
  #checkUtf8 = false;

  constructor(schema: RowSchema) {
    this.#schema = schema;
    const derived = schema.columns.index.ctr >= 0;
    const tally = new Tally();
    this.tallies = derived ? [tally, new Tally()] : [tally];
    this.#addBatch = (batch, length) => tally.table.addBatch(batch, length);
    this.#kernel = derived ? null : acquireKernel(schema);
    this.#ownBytes = new Uint8Array(this.#kernel === null ? BUFFER_BYTES : 0);
  }

  /** The buffer that {@link scan} works on; the same bytes, but maybe another view of them, after every scan. */
  get bytes(): Uint8Array {
    return this.#kernel?.window ?? this.#ownBytes;
  }

  /** To be called when nothing more is to be scanned. */
  release(): void {
    this.#kernel?.release();
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
    this.#kernel?.drain(this.#addBatch);
    return next;
  }

  #scan(start: number, limit: number, final: boolean, stop: number, base: number): number {
    const lastBreak = final ? limit : this.bytes.subarray(0, limit).lastIndexOf(LF) + 1;
    this.#checkUtf8 = lastBreak > start && !isUtf8(this.bytes.subarray(start, lastBreak));
    this.bytes[limit] = LF;
    const end = Math.min(stop, limit);
    let at = start;
    for (;;) {
      if (this.#kernel !== null) at = this.#ordinaryRows(this.#kernel, at, end, limit);
      if (at >= end) return at;
      const next = this.#afterEmptyLine(at, limit, final) ?? this.#slowRow(at, limit, final, base);
      if (next < 0) return at;
      if (this.skippingLine) return limit;
      at = next;
    }
  }

  /** Takes rows as long as they are ordinary. */
  #ordinaryRows(kernel: Kernel, start: number, end: number, limit: number): number {
    let at = start;
    for (;;) {
      at = kernel.scan(at, end, limit, this.#checkUtf8);
      this.rowsRead += kernel.rows;
      this.lines += kernel.lines;
      if (kernel.halt === HALTS.batchFull) kernel.drain(this.#addBatch);
      else if (!this.#learn(kernel)) return at;
    }
  }

  /** Makes known what the kernel stopped at; false when the slow way has to decide. */
  #learn(kernel: Kernel): boolean {
    const { halt } = kernel;
    if (halt !== HALTS.unknownItem && halt !== HALTS.unknownDay) return false;
    const range = kernel.unknown;
    const text = fieldText(this.bytes, { ...range, quoted: this.bytes[range.from] === QUOTE });
    if (halt === HALTS.unknownDay) {
      const day = parseDay(text.trim(), this.#schema.dayFormat);
      return day !== null && kernel.learnDay(range, day);
    }
    const item = readItem(text);
    return !('reason' in item) && kernel.learnItem(range, this.tallies[0].table.item(item.id));
  }

  /** Passes over an empty line; null where there is none, -1 when more bytes are needed to know. */
  #afterEmptyLine(at: number, limit: number, final: boolean): number | null {
    const { bytes } = this;
    if (bytes[at] !== LF && !(bytes[at] === CR && bytes[at + 1] === LF)) return null;
    const next = at + (bytes[at] === LF ? 1 : 2);
    if (next > limit) return final ? limit : -1;
    this.lines++;
    return next;
  }

  /** Reads one record by the obvious readers. Returns the next record's offset, or -1 when more bytes are needed. */
  #slowRow(start: number, limit: number, final: boolean, base: number): number {
    const { delimiter, columns, dayFormat } = this.#schema;
    const { bytes } = this;
    const record = readRecord(bytes, start, limit, delimiter, final);
    const known = limit - start;
    if (record.kind === 'incomplete' || (record.next === null && known < MAX_TEXT_BYTES)) return -1;
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
    const shown = this.bytes.subarray(start, Math.min(end, start + MAX_TEXT_BYTES));
    return new TextDecoder().decode(shown).replace(/\r?\n$/, '');
  }
}

/** A kernel made ready for a schema, or null where only the slow way can read it. */
function acquireKernel({ delimiter, columns: { names, index } }: RowSchema): Kernel | null {
  const roles = names.map((): number => ROLES.other);
  for (const field of KERNEL_FIELDS) {
    if (index[field] < 0) continue;
    if (roles[index[field]] !== ROLES.other) return null;
    roles[index[field]] = ROLES[field];
  }
  const keyColumns = Math.max(index.item, index.day) + 1;
  const figures = [index.impressions, index.clicks, index.spend].filter((column) => column >= 0);
  const kernel = Kernel.acquire();
  if (kernel?.reset(delimiter, roles, Math.min(...figures) >= keyColumns ? keyColumns : 0)) return kernel;
  kernel?.release();
  return null;
}
