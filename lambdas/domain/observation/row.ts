import type { Columns, Field } from './columns.ts';
import { type DayFormat, parseDay } from './day.ts';
import {
  clicksFromRate,
  exceedsOne,
  isNegative,
  parseInteger,
  parseMicros,
  parseRate,
  saturate,
} from './decimal.ts';
import type { RejectReason } from './reject.ts';

const MAX_ITEM_BYTES = 512;
/** A UTF-16 unit never takes more than three bytes of UTF-8, so shorter ids need no counting. */
const SURELY_SHORT = Math.floor(MAX_ITEM_BYTES / 3);

/** One valid row; spend is in micro-units, 0 without a spend column. */
export interface Observation {
  readonly item: string;
  readonly day: number;
  readonly impressions: number;
  readonly clicks: number;
  readonly spendMicros: number;
}

/** Why a row was refused: the field at fault (null for the whole row) and its text. */
export interface Refusal {
  readonly reason: RejectReason;
  readonly field: Field | null;
  readonly text: string;
}

/**
 * A row of an input that has only a ctr column is read under both hypotheses, since a later row may decide whether
 * the column is a percentage (spec §1).
 */
export interface RateReading {
  readonly asFraction: Observation | Refusal;
  readonly asPercentage: Observation | Refusal;
  /** Whether this row shows the column to be a percentage. */
  readonly exceedsOne: boolean;
}

export function isRefusal(reading: Observation | Refusal): reading is Refusal {
  return 'reason' in reading;
}

/**
 * The item id of a raw field, or the reason against it. Half a surrogate pair (JSON can say one) has no UTF-8, and NUL has
 * no place in the text of most databases and tools: an id with one could be analysed and then not be found again.
 */
export function readItem(raw: string): { id: string } | Refusal {
  const id = raw.trim();
  if (id === '') return { reason: 'missing_field', field: 'item', text: id };
  const long = id.length > SURELY_SHORT && Buffer.byteLength(id) > MAX_ITEM_BYTES;
  const isText = id.isWellFormed() && !id.includes('\0');
  return long || !isText ? { reason: 'bad_item', field: 'item', text: id } : { id };
}

/**
 * Reads the fields of one row by the rules of analysis spec §1; the first reason in the order item, day, impressions,
 * clicks, spend, clicks_exceed_impressions wins.
 *
 * @param fields the row's fields, as many as the header has
 */
export function readRow(
  fields: readonly string[],
  columns: Columns,
  dayFormat: DayFormat | null,
): Observation | Refusal {
  const row = readCommon(fields, columns, dayFormat);
  if ('reason' in row) return row;
  const clicks = readInteger(fields[columns.index.clicks], 'clicks');
  if (typeof clicks === 'object') return clicks;
  return finish(row, clicks, fields[columns.index.clicks], 'clicks', row.spend);
}

/** {@link readRow} for an input whose clicks have to be derived from its ctr column. */
export function readRateRow(
  fields: readonly string[],
  columns: Columns,
  dayFormat: DayFormat | null,
): RateReading {
  const text = (fields[columns.index.ctr] ?? '').trim();
  const rate = parseRate(text);
  const percentage = rate !== null && exceedsOne(rate);
  const row = readCommon(fields, columns, dayFormat);
  if ('reason' in row) return { asFraction: row, asPercentage: row, exceedsOne: percentage };
  if (rate === null) {
    const refusal = refuseNumber(text, 'ctr', 'bad_decimal');
    return { asFraction: refusal, asPercentage: refusal, exceedsOne: percentage };
  }
  const read = (percentColumn: boolean) =>
    finish(row, clicksFromRate(rate, row.impressions, percentColumn), text, 'ctr', row.spend);
  return { asFraction: read(false), asPercentage: read(true), exceedsOne: percentage };
}

interface CommonFields {
  readonly item: string;
  readonly day: number;
  readonly impressions: bigint;
  readonly spend: number | Refusal;
}

function readCommon(
  fields: readonly string[],
  columns: Columns,
  dayFormat: DayFormat | null,
): CommonFields | Refusal {
  const { index } = columns;
  const item = readItem(fields[index.item] ?? '');
  if ('reason' in item) return item;
  const dayText = (fields[index.day] ?? '').trim();
  const day = parseDay(dayText, dayFormat);
  if (day === null)
    return { reason: dayText === '' ? 'missing_field' : 'bad_day', field: 'day', text: dayText };
  const impressions = readInteger(fields[index.impressions], 'impressions');
  if (typeof impressions === 'object') return impressions;
  return { item: item.id, day, impressions, spend: index.spend < 0 ? 0 : readSpend(fields[index.spend]) };
}

function finish(
  row: CommonFields,
  clicks: bigint,
  clicksText: string | undefined,
  clicksField: Field,
  spend: number | Refusal,
): Observation | Refusal {
  if (typeof spend === 'object') return spend;
  if (clicks > row.impressions) {
    return { reason: 'clicks_exceed_impressions', field: clicksField, text: (clicksText ?? '').trim() };
  }
  return {
    item: row.item,
    day: row.day,
    impressions: saturate(row.impressions),
    clicks: saturate(clicks),
    spendMicros: spend,
  };
}

function readInteger(raw: string | undefined, field: Field): bigint | Refusal {
  const text = (raw ?? '').trim();
  return parseInteger(text) ?? refuseNumber(text, field, 'bad_integer');
}

function readSpend(raw: string | undefined): number | Refusal {
  const text = (raw ?? '').trim();
  return parseMicros(text) ?? refuseNumber(text, 'spend', 'bad_decimal');
}

function refuseNumber(text: string, field: Field, malformed: RejectReason): Refusal {
  if (text === '') return { reason: 'missing_field', field, text };
  return { reason: isNegative(text) ? 'negative' : malformed, field, text };
}
