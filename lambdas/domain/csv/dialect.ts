import { AnalysisError } from '../errors.ts';
import { CR, fieldText, LF, QUOTE, readRecord } from './record.ts';

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** What the first record of a CSV says about the rest. */
export interface Dialect {
  readonly delimiter: Delimiter;
  readonly header: readonly string[];
  /** Offset of the first byte behind the header record, the byte order mark counted. */
  readonly dataStart: number;
  /** Physical line on which the first data record starts; the first line of the input is 1. */
  readonly dataLine: number;
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/**
 * Reads the header of a CSV: byte order mark, delimiter (the most frequent outside quotes on the header line unless
 * given), column names.
 *
 * @param bytes the beginning of the input
 * @param final whether this is the whole input
 * @returns null when the header does not end within `bytes`
 * @throws AnalysisError `empty_dataset`, or `unsupported_format` when the first record is not a CSV header
 */
export function readDialect(bytes: Uint8Array, final: boolean, given: Delimiter | null): Dialect | null {
  let start = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? BYTE_ORDER_MARK.length : 0;
  let line = 1;
  for (;;) {
    if (bytes[start] === LF) start += 1;
    else if (bytes[start] === CR && bytes[start + 1] === LF) start += 2;
    else break;
    line++;
  }
  if (start === bytes.length) {
    if (!final) return null;
    throw new AnalysisError(
      'empty_dataset',
      'The input is empty.',
      'Send a CSV with a header line and data rows.',
    );
  }
  const delimiter = given ?? sniffDelimiter(bytes, start);
  const record = readRecord(bytes, start, bytes.length, delimiter.charCodeAt(0), final);
  if (record.kind === 'incomplete') return null;
  if (record.kind === 'malformed' || bytes.subarray(start, record.next).includes(0)) {
    throw new AnalysisError(
      'unsupported_format',
      'The first line is not a CSV header: it has misplaced quotes, binary data, or no end.',
      'Send a UTF-8 CSV (or .gz, .zst of one) whose first line names the columns.',
    );
  }
  const header = record.ranges.map((range) => fieldText(bytes, range).trim());
  for (let at = start; at < record.next; at++) if (bytes[at] === LF) line++;
  return { delimiter, header, dataStart: record.next, dataLine: line };
}

function sniffDelimiter(bytes: Uint8Array, start: number): Delimiter {
  const counts = new Map<number, number>(DELIMITERS.map((delimiter) => [delimiter.charCodeAt(0), 0]));
  let inQuotes = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) inQuotes = !inQuotes;
    if (inQuotes) continue;
    if (byte === LF) break;
    const count = counts.get(byte);
    if (count !== undefined) counts.set(byte, count + 1);
  }
  return DELIMITERS.reduce((best, delimiter) =>
    (counts.get(delimiter.charCodeAt(0)) ?? 0) > (counts.get(best.charCodeAt(0)) ?? 0) ? delimiter : best,
  );
}
