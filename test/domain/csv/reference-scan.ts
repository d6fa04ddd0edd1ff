import { CR, fieldText, LF, readRecord } from '../../../lambdas/domain/csv/record.ts';
import type { RecordScanner, RowSchema } from '../../../lambdas/domain/csv/scanner.ts';
import type { Refusal } from '../../../lambdas/domain/observation/row.ts';
import {
  isRefusal,
  type Observation,
  readRateRow,
  readRow,
} from '../../../lambdas/domain/observation/row.ts';

/** Everything that can be observed of a scan. */
export interface ScanResult {
  rowsRead: number;
  lines: number;
  next: number;
  percentSeen: boolean;
  tallies: TallyResult[];
}

interface TallyResult {
  /** `item|day` to impressions, clicks and micro-units of spend. */
  totals: Record<string, number[]>;
  reasons: Record<string, number>;
  samples: unknown[];
}

const LIMIT = 2n ** 53n;

/** Scans a range of an input record by record with `readRecord` and `readRow`, all of it in memory: slow and obvious. */
export function referenceScan(bytes: Uint8Array, start: number, stop: number, schema: RowSchema): ScanResult {
  const { columns, dayFormat, delimiter } = schema;
  const tallies = Array.from({ length: columns.index.ctr < 0 ? 1 : 2 }, () => new ReferenceTally(schema));
  let [rowsRead, lines, at, percentSeen] = [0, 0, start, false];
  while (at < Math.min(stop, bytes.length)) {
    const empty = emptyLine(bytes, at);
    const record = readRecord(bytes, at, bytes.length, delimiter, true);
    if (record.kind === 'incomplete') throw new Error('the whole input decides');
    const next = empty ?? record.next ?? bytes.length;
    const row = bytes.subarray(at, next);
    const whole = (reason: Refusal['reason']): Refusal => ({
      reason,
      field: null,
      text: new TextDecoder().decode(row).replace(/\r?\n$/, ''),
    });
    const take = (readings: (Observation | Refusal)[]) => {
      rowsRead++;
      for (const [i, tally] of tallies.entries()) tally.take(readings[i] ?? readings[0]!, lines, at);
    };
    if (empty !== null) {
      // Nothing is counted.
    } else if (record.kind === 'malformed') take([whole('bad_quoting')]);
    else if (!isValidUtf8(row)) take([whole('bad_utf8')]);
    else if (record.ranges.length !== columns.names.length) take([whole('column_count')]);
    else {
      const fields = record.ranges.map((range) => fieldText(bytes, range));
      if (tallies.length === 1) take([readRow(fields, columns, dayFormat)]);
      else {
        const { asFraction, asPercentage, exceedsOne } = readRateRow(fields, columns, dayFormat);
        percentSeen ||= exceedsOne;
        take([asFraction, asPercentage]);
      }
    }
    lines += row.filter((byte) => byte === LF).length;
    at = next;
  }
  return { rowsRead, lines, next: at, percentSeen, tallies: tallies.map((tally) => tally.result()) };
}

/** The same of a scanner that has run. */
export function resultOf({ scanner, next }: { scanner: RecordScanner; next: number }): ScanResult {
  const { rowsRead, lines, percentSeen } = scanner;
  const tallies = scanner.tallies.map(({ table, rejections }) => {
    const totals: Record<string, number[]> = {};
    for (const { id, days, impressions, clicks, spendMicros } of table.items(true)) {
      days.forEach((day, i) => {
        totals[`${id}|${day}`] = [impressions[i]!, clicks[i]!, spendMicros![i]!];
      });
    }
    return { totals, reasons: Object.fromEntries(rejections.reasons), samples: rejections.samples };
  });
  return { rowsRead, lines, next, percentSeen, tallies };
}

class ReferenceTally {
  readonly #schema: RowSchema;
  readonly #totals = new Map<string, [bigint, bigint, bigint]>();
  readonly #result: TallyResult = { totals: {}, reasons: {}, samples: [] };

  constructor(schema: RowSchema) {
    this.#schema = schema;
  }

  take(reading: Observation | Refusal, line: number, byteOffset: number): void {
    if (isRefusal(reading)) {
      const { names, index } = this.#schema.columns;
      const { reason, field } = reading;
      const text = Array.from(reading.text).slice(0, 80).join('');
      const { reasons, samples } = this.#result;
      reasons[reason] = (reasons[reason] ?? 0) + 1;
      const column = field === null ? null : names[index[field]];
      if (samples.length < 20) samples.push({ line, byteOffset, column, reason, text });
    } else {
      const key = `${reading.item}|${reading.day}`;
      const [impressions, clicks, spend] = this.#totals.get(key) ?? [0n, 0n, 0n];
      this.#totals.set(key, [
        impressions + BigInt(reading.impressions),
        clicks + BigInt(reading.clicks),
        spend + BigInt(reading.spendMicros),
      ]);
    }
  }

  result(): TallyResult {
    const saturated = (sum: bigint) => Number(sum > LIMIT ? LIMIT : sum);
    const totals = Object.fromEntries([...this.#totals].map(([key, sums]) => [key, sums.map(saturated)]));
    return { ...this.#result, totals };
  }
}

/** Where the line after an empty one starts; a carriage return that ends the input counts as an empty line. */
function emptyLine(bytes: Uint8Array, at: number): number | null {
  if (bytes[at] === LF) return at + 1;
  if (bytes[at] !== CR) return null;
  if (at + 1 === bytes.length) return at + 1;
  return bytes[at + 1] === LF ? at + 2 : null;
}

function isValidUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
