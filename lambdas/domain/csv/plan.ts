import { AnalysisError } from '../errors.ts';
import { type ByteReader, readFully } from '../input/byte-reader.ts';
import { type ColumnMapping, type Columns, findColumns } from '../observation/columns.ts';
import type { DayFormat } from '../observation/day.ts';
import { type Delimiter, type Dialect, readDialect } from './dialect.ts';
import { MAX_RECORD_BYTES } from './record.ts';

/** What a caller may say about a CSV; everything else is read off its header. */
export interface CsvHints {
  readonly mapping?: ColumnMapping;
  readonly delimiter?: Delimiter;
  readonly dayFormat?: DayFormat;
  readonly currency?: string;
}

/** Everything that a worker needs to know to scan any byte range of one CSV. Plain data: it travels in messages. */
export interface CsvPlan {
  readonly delimiter: Delimiter;
  readonly columns: Columns;
  readonly dayFormat: DayFormat | null;
  /** Offset of the first byte behind the header. */
  readonly dataStart: number;
  /** Physical line on which the first data record starts. */
  readonly dataLine: number;
}

const FIRST_LOOK = 1 << 16;

/**
 * Reads the header of a CSV.
 *
 * @returns the plan, and the bytes taken from the reader so far
 * @throws AnalysisError as {@link readDialect} and {@link findColumns} do
 */
export async function planCsv(
  reader: ByteReader,
  hints: CsvHints = {},
): Promise<{ plan: CsvPlan; head: Uint8Array }> {
  for (let wanted = FIRST_LOOK, head = new Uint8Array(0); ; wanted = MAX_RECORD_BYTES + FIRST_LOOK) {
    head = await readFully(reader, head, wanted);
    const final = head.length < wanted;
    const dialect = readDialect(head, final, hints.delimiter ?? null);
    if (dialect !== null) return { plan: planOf(dialect, hints), head };
    if (final || wanted > FIRST_LOOK) {
      throw new AnalysisError(
        'unsupported_format',
        `The header line does not end within ${MAX_RECORD_BYTES} bytes.`,
        'Send a UTF-8 CSV (or .gz, .zst of one) whose first line names the columns.',
      );
    }
  }
}

function planOf({ delimiter, header, dataStart, dataLine }: Dialect, hints: CsvHints): CsvPlan {
  const columns = findColumns(header, hints.mapping ?? {}, hints.currency ?? null);
  return { delimiter, columns, dayFormat: hints.dayFormat ?? null, dataStart, dataLine };
}
