import { type CsvHints, planCsv } from '../csv/plan.ts';
import { scanRange } from '../csv/ranges.ts';
import { AnalysisError } from '../errors.ts';
import type { Columns, Field } from '../observation/columns.ts';
import { DEFAULT_CURRENCY } from '../observation/currency.ts';
import type { RejectReason, RowCounts } from '../observation/reject.ts';
import type { ItemDays } from '../totals/item-days.ts';
import type { Partial } from '../totals/partial.ts';
import { packingOf, tooLarge, unpack } from './archive.ts';
import { type ByteReader, chunkReader, readFully, withHead } from './byte-reader.ts';
import { readJsonItems } from './json.ts';

export interface DatasetOptions extends CsvHints {
  /** Most bytes that the input may have, unpacked. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (sofar: DatasetProgress) => void;
}

export interface DatasetProgress {
  /** Bytes taken from the input, packed as it came. */
  readonly bytes: number;
  readonly rows: number;
  readonly rejected: number;
}

/** A dataset read to the end: exact daily totals by item, and what became of its rows. */
export interface Dataset {
  /** In order of id by code point. */
  readonly items: Iterable<ItemDays>;
  /** The items of some ids, in the order of these. */
  readonly itemsOf: (ids: readonly string[]) => Iterable<ItemDays>;
  readonly itemCount: number;
  readonly rows: RowCounts;
  readonly currency: string;
  /** The column that each field was read from. */
  readonly columns: Readonly<Record<Field, string | null>>;
}

/** Everything that was read of an input, as `finishDataset` and `encodePartial` take it. */
export interface InputTotals {
  readonly partial: Partial;
  /** Null for JSON without any element. */
  readonly columns: Columns | null;
  /** Physical line on which the first data record starts; null for JSON. */
  readonly dataLine: number | null;
}

const DEFAULT_MAX_BYTES = 2 ** 40;
const JSON_MAX_BYTES = 1 << 26;
const LOOK_BYTES = 1 << 12;
const FIRST_JSON_BYTES = ['{', '['].map((char) => char.charCodeAt(0));
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Reads a dataset from the start to the end: CSV, or the JSON of `POST /api/analyze`, plain or packed (gzip, Zstandard),
 * all told by content. Memory grows with the number of (item, day) groups, not with the input.
 *
 * @throws AnalysisError by analysis spec §11: `empty_dataset`, `missing_columns`, `unsupported_format`,
 * `corrupt_archive`, `dataset_too_large`, `invalid_request`, `cancelled`
 */
export async function readDataset(
  chunks: AsyncIterable<Uint8Array>,
  options: DatasetOptions = {},
): Promise<Dataset> {
  const { partial, columns, dataLine } = await readTotals(chunks, options);
  return finishDataset(partial, columns, dataLine);
}

/** Reads a dataset as {@link readDataset} does, as far as its totals. */
export async function readTotals(
  chunks: AsyncIterable<Uint8Array>,
  options: DatasetOptions = {},
): Promise<InputTotals> {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of chunks) {
      if (options.signal?.aborted) throw new AnalysisError('cancelled', 'The analysis was cancelled.');
      bytes += chunk.length;
      yield chunk;
    }
  };
  const packed = chunkReader(counted());
  const head = await readFully(packed, new Uint8Array(0), LOOK_BYTES);
  const packing = packingOf(head);
  const whole = withHead(head, packed);
  const reader =
    packing === 'plain' ? bounded(whole, maxBytes) : chunkReader(unpack(chunksOf(whole), packing, maxBytes));

  const look = packing === 'plain' ? head : await readFully(reader, new Uint8Array(0), LOOK_BYTES);
  const content = packing === 'plain' ? reader : withHead(look, reader);
  if (packing !== 'plain') packingOf(look);
  if (startsJson(look)) return readJson(content, options);
  return readCsv(content, options, (rows, rejected) => options.onProgress?.({ bytes, rows, rejected }));
}

async function readCsv(
  reader: ByteReader,
  hints: CsvHints,
  onProgress: (rows: number, rejected: number) => void,
): Promise<InputTotals> {
  const { plan, head } = await planCsv(reader, hints);
  const rest = withHead(head.subarray(plan.dataStart), reader);
  const source = { size: Number.POSITIVE_INFINITY, open: () => rest };
  const everything = { start: 0, end: Number.POSITIVE_INFINITY };
  const { partial } = await scanRange(source, everything, plan, plan.dataStart, ({ rows, rejected }) =>
    onProgress(rows, rejected),
  );
  return { partial, columns: plan.columns, dataLine: plan.dataLine };
}

async function readJson(reader: ByteReader, hints: CsvHints): Promise<InputTotals> {
  const bytes = await readFully(reader, new Uint8Array(0), JSON_MAX_BYTES + 1);
  if (bytes.length > JSON_MAX_BYTES) {
    throw new AnalysisError(
      'dataset_too_large',
      `JSON is read up to ${JSON_MAX_BYTES} bytes.`,
      'Send a CSV: it is read as a stream, whatever its size.',
    );
  }
  const { partial, columns } = readJsonItems(parseJson(bytes), hints);
  return { partial, columns, dataLine: null };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AnalysisError(
      'invalid_request',
      `The JSON cannot be read: ${reason}`,
      'Send one valid JSON document.',
      { cause },
    );
  }
}

/**
 * What a complete partial says of its dataset.
 *
 * @param dataLine physical line on which the first data record starts; null for JSON, whose reject samples carry the
 * position of the element instead of a line
 */
export function finishDataset(partial: Partial, columns: Columns | null, dataLine: number | null): Dataset {
  const [asFraction, asPercentage] = partial.tallies;
  const { table, rejections } = asPercentage !== undefined && partial.percentSeen ? asPercentage : asFraction;
  const reasons: { [reason in RejectReason]?: number } = {};
  for (const [reason, count] of [...rejections.reasons].sort(([a], [b]) => (a < b ? -1 : 1)))
    reasons[reason] = count;
  const samples = rejections.samples.map(({ line, byteOffset, column, reason, text }) => ({
    line: line + (dataLine ?? 1),
    byteOffset: dataLine === null ? null : byteOffset,
    column,
    reason,
    text,
  }));
  const name = (field: Field) => columns?.names[columns.index[field]] ?? null;
  return {
    items: { [Symbol.iterator]: () => table.items(partial.withSpend) },
    itemsOf: (ids) => table.items(partial.withSpend, ids),
    itemCount: table.ids.length,
    rows: { read: partial.rowsRead, rejected: rejections.total, reasons, samples },
    currency: columns?.currency ?? DEFAULT_CURRENCY,
    columns: {
      item: name('item'),
      day: name('day'),
      impressions: name('impressions'),
      clicks: name('clicks'),
      spend: name('spend'),
      ctr: name('ctr'),
    },
  };
}

/** Whether an input that begins so is JSON and not CSV. */
export function startsJson(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('utf8');
  const start = (text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text).trimStart();
  return start.length > 0 && FIRST_JSON_BYTES.includes(start.charCodeAt(0));
}

function bounded(reader: ByteReader, maxBytes: number): ByteReader {
  let bytes = 0;
  return {
    async read(target) {
      const count = await reader.read(target);
      bytes += count;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      return count;
    },
  };
}

async function* chunksOf(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = new Uint8Array(1 << 16);
    const count = await reader.read(chunk);
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}
