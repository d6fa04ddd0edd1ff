import { AnalysisError } from '../errors.ts';
import { type ColumnMapping, type Columns, findColumns, foldName } from '../observation/columns.ts';
import type { DayFormat } from '../observation/day.ts';
import { readRateRow, readRow } from '../observation/row.ts';
import type { Partial } from '../totals/partial.ts';
import { type Tallies, Tally } from '../totals/tally.ts';

const MICROS_DIGITS = 6;
const UP_TO_MICROS = /^-?\d+(\.\d{1,6})?$/;

/** What a caller may say about JSON observations. */
export interface JsonHints {
  readonly mapping?: ColumnMapping;
  readonly dayFormat?: DayFormat;
  readonly currency?: string;
}

/**
 * Reads observations as `POST /api/analyze` takes them: `{ "items": [ … ] }`, the bare list, or by columns:
 * `{ "columns": { "id": [ … ], "day": [ … ], … } }`, all of one length. An item's fields may stand flat or under
 * `metrics`; names follow the synonyms of analysis spec §1. The rules are those of CSV rows: an element is a row, a
 * missing or null value an empty field. Reject samples count the elements before them as lines. Only spend that is a
 * number, not text, may have more than six decimals: it is rounded to millionths.
 *
 * @returns the totals, and the columns found (null without any element)
 * @throws AnalysisError `invalid_request` when the document has another shape, `missing_columns`
 */
export function readJsonItems(
  document: unknown,
  hints: JsonHints,
): { partial: Partial; columns: Columns | null } {
  const rows = rowsOf(document);
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const tally = new Tally();
  if (rows.length === 0) return { partial: partialOf([tally], 0, false, false), columns: null };

  const columns = findColumns(names, hints.mapping ?? {}, hints.currency ?? null);
  const dayFormat = hints.dayFormat ?? null;
  const tallies: Tallies = columns.index.ctr < 0 ? [tally] : [tally, new Tally()];
  let percentSeen = false;
  for (const [i, row] of rows.entries()) {
    const fields = names.map((name, column) => textOf(row.get(name) ?? '', column === columns.index.spend));
    const [first, second] = tallies;
    if (second === undefined) first.take(readRow(fields, columns, dayFormat), columns, i, 0);
    else {
      const reading = readRateRow(fields, columns, dayFormat);
      percentSeen ||= reading.exceedsOne;
      first.take(reading.asFraction, columns, i, 0);
      second.take(reading.asPercentage, columns, i, 0);
    }
  }
  return { partial: partialOf(tallies, rows.length, columns.index.spend >= 0, percentSeen), columns };
}

function partialOf(tallies: Tallies, rowsRead: number, withSpend: boolean, percentSeen: boolean): Partial {
  return { spans: [], rowsRead, withSpend, tallies, percentSeen };
}

/** The fields of an observation by folded name: numbers as they are, everything else as text. */
type Row = ReadonlyMap<string, string | number>;

function rowsOf(document: unknown): Row[] {
  if (Array.isArray(document)) return document.map(flatten);
  if (isObject(document)) {
    const { items, columns } = document;
    if (Array.isArray(items) && columns === undefined) return items.map(flatten);
    if (isObject(columns) && items === undefined) return turned(columns);
  }
  throw new AnalysisError(
    'invalid_request',
    'The JSON document has no list of observations.',
    'Send {"items": [{"id": …, "day": …, "impressions": …, "clicks": …, "spend": …}, …]}.',
  );
}

/** Rows out of columns. */
function turned(columns: Readonly<Record<string, unknown>>): Row[] {
  const rows: Map<string, string | number>[] = [];
  for (const [i, [name, values]] of Object.entries(columns).entries()) {
    if (!Array.isArray(values)) throw unequal(`The column ${JSON.stringify(name)} is not a list.`);
    if (i > 0 && values.length !== rows.length)
      throw unequal(
        `The column ${JSON.stringify(name)} has ${values.length} values, others have ${rows.length}.`,
      );
    const field = foldName(name);
    for (const [row, value] of values.entries()) {
      if (i === 0) rows.push(new Map());
      rows[row]?.set(field, fieldOf(value));
    }
  }
  return rows;
}

function unequal(message: string): AnalysisError {
  const remedy = 'Give every column as a list with one value for each observation, null where there is none.';
  return new AnalysisError('invalid_request', message, remedy);
}

/** The fields of an element, `metrics` unfolded; a name at the top beats the same name under `metrics`. */
function flatten(element: unknown, position: number): Row {
  if (!isObject(element)) {
    throw new AnalysisError(
      'invalid_request',
      `Element ${position + 1} of items is not an object.`,
      'Every element is one observation: {"id": …, "day": …, "impressions": …, "clicks": …}.',
    );
  }
  const fields = new Map<string, string | number>();
  const metrics = element['metrics'];
  if (isObject(metrics))
    for (const [name, value] of Object.entries(metrics)) fields.set(foldName(name), fieldOf(value));
  for (const [name, value] of Object.entries(element)) {
    if (name !== 'metrics' || !isObject(value)) fields.set(foldName(name), fieldOf(value));
  }
  return fields;
}

function fieldOf(value: unknown): string | number {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}

/** A number that was computed has as many digits as a double holds, not as many as somebody wrote. */
function textOf(field: string | number, isSpend: boolean): string {
  const text = String(field);
  if (!isSpend || typeof field === 'string' || UP_TO_MICROS.test(text)) return text;
  return field.toFixed(MICROS_DIGITS);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
