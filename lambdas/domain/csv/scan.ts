import type { ByteReader } from '../input/byte-reader.ts';
import { LF } from './record.ts';
import { RecordScanner, type RowSchema } from './scanner.ts';

/** Bytes asked for at a time: large enough to amortise a read, small enough to stay in a core's cache. */
const BLOCK_BYTES = 1 << 19;
/** Past the end of a range only the rest of one record is wanted. */
const OVERSHOOT_BYTES = 1 << 14;

/** Called between blocks. Throwing from it ends the scan. */
export type ScanProgress = (sofar: {
  readonly bytes: number;
  readonly rows: number;
  readonly rejected: number;
}) => void;

/** Offset in the input at which the reader stands, where records start, and where the range ends. */
export interface ScanRange {
  /** Offset of the first record; the reader's next byte. */
  readonly start: number;
  /** Records that start at or behind this offset are not scanned. */
  readonly stop: number;
}

/**
 * Scans the records that start in a range, reading past its end to finish the last of them. Memory is constant in the
 * size of the range, apart from the totals.
 *
 * @returns the scanner with its tallies, and the offset at which the first record behind the range starts
 */
export async function scanRecords(
  reader: ByteReader,
  { start, stop }: ScanRange,
  schema: RowSchema,
  onProgress?: ScanProgress,
): Promise<{ scanner: RecordScanner; next: number }> {
  const scanner = new RecordScanner(schema);
  try {
    let base = start;
    let filled = 0;
    let at = 0;
    for (let final = false; !final && (scanner.skippingLine || base + at < stop); ) {
      const { bytes } = scanner;
      bytes.copyWithin(0, at, filled);
      base += at;
      filled -= at;
      const wanted = base + filled < stop ? BLOCK_BYTES : OVERSHOOT_BYTES;
      const count = await reader.read(bytes.subarray(filled, filled + wanted));
      final = count === 0;
      filled += count;
      at = scanner.skippingLine ? skipLine(scanner, bytes, filled) : 0;
      if (!scanner.skippingLine) at = scanner.scan(at, filled, final, stop - base, base);
      onProgress?.({
        bytes: base + filled - start,
        rows: scanner.rowsRead,
        rejected: scanner.tallies[0].rejections.total,
      });
    }
    return { scanner, next: base + at };
  } finally {
    scanner.release();
  }
}

/** Passes over the rest of a line without end; returns where the next line starts, or `filled` when it is not there yet. */
function skipLine(scanner: RecordScanner, bytes: Uint8Array, filled: number): number {
  const lineBreak = bytes.subarray(0, filled).indexOf(LF);
  if (lineBreak < 0) return filled;
  scanner.skippingLine = false;
  scanner.lines++;
  return lineBreak + 1;
}
