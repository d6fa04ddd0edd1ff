import { expect } from 'vitest';
import { readDialect } from '../../../lambdas/domain/csv/dialect.ts';
import { scanRecords } from '../../../lambdas/domain/csv/scan.ts';
import type { RowSchema } from '../../../lambdas/domain/csv/scanner.ts';
import type { ByteReader } from '../../../lambdas/domain/input/byte-reader.ts';
import { type ColumnMapping, findColumns } from '../../../lambdas/domain/observation/columns.ts';
import type { DayFormat } from '../../../lambdas/domain/observation/day.ts';
import { referenceScan, resultOf, type ScanResult } from './reference-scan.ts';

export const HEADER = 'ad_name,day,impressions,link_clicks,amount_spent_gbp';

/** An ordinary row. */
export const good = (name: string, day = '2025-01-02') => `${name},${day},1000,20,3.5`;

interface Options {
  readonly mapping?: ColumnMapping;
  readonly dayFormat?: DayFormat | null;
  /** How many bytes each read gives; the last number holds for all further ones. */
  readonly reads?: readonly number[];
  /** Where the range ends; the end of the input when not given. */
  readonly stop?: number;
}

/** Scans an input behind its header, and holds the result against the reference. */
export async function scanChecked(input: string | Uint8Array, options: Options = {}): Promise<ScanResult> {
  const bytes = Buffer.from(input);
  const { dataStart, schema } = schemaOf(bytes, options);
  const stop = options.stop ?? bytes.length;
  const reader = piecewiseReader(bytes, dataStart, options.reads ?? []);
  const result = resultOf(await scanRecords(reader, { start: dataStart, stop }, schema));
  expect(result).toEqual(referenceScan(bytes, dataStart, stop, schema));
  return result;
}

/** What the header of an input says. */
export function schemaOf(bytes: Uint8Array, { mapping = {}, dayFormat = null }: Options) {
  const { delimiter, header, dataStart } = readDialect(bytes, true, null)!;
  const columns = findColumns(header, mapping, null);
  const schema: RowSchema = { delimiter: delimiter.charCodeAt(0), columns, dayFormat };
  return { schema, dataStart };
}

/** Reads from memory in pieces of given sizes. */
export function piecewiseReader(bytes: Uint8Array, start: number, sizes: readonly number[]): ByteReader {
  let at = start;
  let read = 0;
  return {
    async read(target) {
      const size = sizes[Math.min(read++, sizes.length - 1)] ?? target.length;
      const count = Math.min(target.length, size, bytes.length - at);
      target.set(bytes.subarray(at, at + count));
      at += count;
      return count;
    },
  };
}
