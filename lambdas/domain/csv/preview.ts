import { AnalysisError } from '../errors.ts';
import { packingOf } from '../input/archive.ts';
import { readDataset } from '../input/dataset.ts';
import { type ColumnMapping, type Field, findColumns, locateColumns } from '../observation/columns.ts';
import type { RowCounts } from '../observation/reject.ts';
import { readDialect } from './dialect.ts';
import type { CsvHints } from './plan.ts';
import { fieldText, LF, readRecord } from './record.ts';

const MAX_ROWS = 20;
const MAX_TEXT = 200;

export interface CsvPreview {
  readonly delimiter: string;
  readonly columns: readonly string[];
  /** The column that each field would be read from; null where there is none. */
  readonly mapping: Readonly<Record<Field, string | null>>;
  /** Null while columns are missing. */
  readonly currency: string | null;
  /** The first rows as texts, cut to 200 characters. */
  readonly rows: readonly (readonly string[])[];
  /** What became of all whole rows of the head; null while columns are missing. */
  readonly counts: RowCounts | null;
  /** Why the file could not be analysed as it is; null when it could. */
  readonly refusal: Pick<AnalysisError, 'code' | 'message' | 'remedy'> | null;
}

/**
 * How the head of a CSV would be read.
 *
 * @param head the first bytes of the file
 * @param isWhole whether they are all of it; otherwise a row that is cut off is left out
 * @throws AnalysisError `unsupported_format` when it is no CSV or packed, `empty_dataset`
 */
export async function previewCsv(head: Uint8Array, isWhole: boolean, hints: CsvHints): Promise<CsvPreview> {
  if (packingOf(head) !== 'plain') throw unreadable('A packed file cannot be previewed.');
  const dialect = readDialect(head, isWhole, hints.delimiter ?? null);
  if (dialect === null) throw unreadable('The header does not end within the bytes that were sent.');
  const { delimiter, header: columns, dataStart } = dialect;
  const end = isWhole ? head.length : head.lastIndexOf(LF) + 1;
  const rows = readRows(head.subarray(0, end), dataStart, delimiter);
  const known = { delimiter, columns, rows };
  const refused = refusalOf(columns, hints);
  if (refused !== null) {
    return { ...known, mapping: mappingOf(columns, hints), currency: null, counts: null, refusal: refused };
  }
  const { currency } = findColumns(columns, hints.mapping ?? {}, hints.currency ?? null);
  const mapping = mappingOf(columns, hints);
  if (rows.length === 0) return { ...known, mapping, currency, counts: null, refusal: null };
  const dataset = await readDataset(once(head.subarray(0, end)), hints);
  return { ...known, mapping, currency, counts: dataset.rows, refusal: null };
}

function readRows(bytes: Uint8Array, start: number, delimiter: string): string[][] {
  const rows: string[][] = [];
  for (let at: number | null = start; at !== null && at < bytes.length && rows.length < MAX_ROWS; ) {
    const record = readRecord(bytes, at, bytes.length, delimiter.charCodeAt(0), true);
    if (record.kind === 'incomplete') break;
    if (record.kind === 'fields') {
      rows.push(
        record.ranges.map((range) => Array.from(fieldText(bytes, range)).slice(0, MAX_TEXT).join('')),
      );
    }
    at = record.next;
  }
  return rows;
}

function refusalOf(
  columns: readonly string[],
  { mapping = {}, currency = undefined }: CsvHints,
): AnalysisError | null {
  try {
    findColumns(columns, mapping, currency ?? null);
    return null;
  } catch (error) {
    if (error instanceof AnalysisError) return error;
    throw error;
  }
}

/** The proposed mapping; of a caller's own only what is there. */
function mappingOf(columns: readonly string[], { mapping = {} }: CsvHints): CsvPreview['mapping'] {
  const existing: ColumnMapping = Object.fromEntries(
    Object.entries(mapping).filter(([, name]) => columns.includes(name.trim())),
  );
  const index = locateColumns(columns, existing);
  const nameOf = (field: Field): string | null => columns[index[field]] ?? null;
  return {
    item: nameOf('item'),
    day: nameOf('day'),
    impressions: nameOf('impressions'),
    clicks: nameOf('clicks'),
    spend: nameOf('spend'),
    ctr: nameOf('ctr'),
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function unreadable(message: string): AnalysisError {
  return new AnalysisError('unsupported_format', message, 'Send the first 64 KB of a CSV, unpacked.');
}
