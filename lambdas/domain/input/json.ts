import { type ColumnMapping, type Columns, FIELDS, findColumns } from '../observation/columns.ts';
import type { DayFormat } from '../observation/day.ts';
import { readRateRow, readRow } from '../observation/row.ts';
import type { Partial } from '../totals/partial.ts';
import { type Tallies, Tally } from '../totals/tally.ts';
import { type JsonRows, jsonRows } from './json-rows.ts';
import { plainRowReader } from './plain-row.ts';

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
  const rows = jsonRows(document);
  if (rows.count === 0) return { partial: partialOf([new Tally()], 0, false, false), columns: null };
  const columns = findColumns(rows.names, hints.mapping ?? {}, hints.currency ?? null);
  const { tallies, percentSeen } = tallyRows(rows, columns, hints.dayFormat ?? null);
  return { partial: partialOf(tallies, rows.count, columns.index.spend >= 0, percentSeen), columns };
}

function tallyRows(rows: JsonRows, columns: Columns, dayFormat: DayFormat | null) {
  const { index } = columns;
  const tally = new Tally(rows.count);
  const tallies: Tallies = index.ctr < 0 ? [tally] : [tally, new Tally(rows.count)];
  const [, second] = tallies;
  const used = FIELDS.map((field) => index[field]).filter((place) => place >= 0);
  const readPlainRow = plainRowReader(columns, dayFormat);
  const fields: unknown[] = [];
  const texts: string[] = [];
  let percentSeen = false;
  for (let row = 0; row < rows.count; row++) {
    for (const place of used) fields[place] = undefined;
    rows.read(row, fields);
    const plain = second === undefined ? readPlainRow(fields) : null;
    if (plain !== null) {
      tally.take(plain, columns, row, 0);
      continue;
    }
    for (const place of used) texts[place] = textOf(fields[place], place === index.spend);
    if (second === undefined) {
      tally.take(readRow(texts, columns, dayFormat), columns, row, 0);
      continue;
    }
    const reading = readRateRow(texts, columns, dayFormat);
    percentSeen ||= reading.exceedsOne;
    tally.take(reading.asFraction, columns, row, 0);
    second.take(reading.asPercentage, columns, row, 0);
  }
  return { tallies, percentSeen };
}

function partialOf(tallies: Tallies, rowsRead: number, withSpend: boolean, percentSeen: boolean): Partial {
  return { spans: [], rowsRead, withSpend, tallies, percentSeen };
}

/**
 * A value as a field of text: null and what is missing as an empty one. A number that was computed has as many digits as a
 * double holds, not as many as somebody wrote.
 */
function textOf(value: unknown, isSpend: boolean): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'number') return typeof value === 'string' ? value : JSON.stringify(value);
  const text = String(value);
  return !isSpend || UP_TO_MICROS.test(text) ? text : value.toFixed(MICROS_DIGITS);
}
