import { createHash } from 'node:crypto';
import { formatDay, parseDay } from '../../domain/observation/day.ts';
import { itemKey } from '../../domain/report/item-key.ts';
import { type HistoryColumns, NO_HISTORY } from '../../domain/totals/history.ts';
import { decodeHistory, encodeHistory } from '../../domain/totals/history-codec.ts';
import type { ItemSeries } from '../../domain/totals/item-series.ts';
import type { HistoryItem } from '../../ports/history-store.ts';
import type { Query } from './database.ts';
import type { HistoryEdit } from './history-changes.ts';

export const HISTORY_COLUMNS = 'h.key, h.id, h.packed';

export interface HistoryRow {
  readonly key: string;
  readonly id: string;
  readonly packed: Uint8Array;
}

/** An item as it is after an upload. */
export interface HistoryChange {
  readonly id: string;
  readonly columns: HistoryColumns;
  readonly packed: Uint8Array;
}

/** Rows that were written before they were packed are JSON: days, impressions, clicks and spends. */
const JSON_MARK = '['.charCodeAt(0);
const NO_ITEM = encodeHistory(NO_HISTORY);

// Packed days come as one run of bytes: an array of them would travel as hexadecimal text.
const UPSERT = `
  INSERT INTO history_items AS known (tenant, dataset_id, version, key, id, from_day, to_day, packed)
  SELECT $1, $2, $3, c.key, c.id, c.from_day, c.to_day, substring($4::bytea FROM c.start FOR c.length)
  FROM unnest($5::text[], $6::text[], $7::date[], $8::date[], $9::integer[], $10::integer[])
    AS c (key, id, from_day, to_day, start, length)
  ON CONFLICT (tenant, dataset_id, key) DO UPDATE SET
    packed = EXCLUDED.packed, from_day = EXCLUDED.from_day, to_day = EXCLUDED.to_day, version = EXCLUDED.version`;

/** The known days of an item; none of one that is not known yet. */
export function columnsOf(row: HistoryRow | undefined): HistoryColumns {
  if (row === undefined) return NO_HISTORY;
  return row.packed[0] === JSON_MARK ? columnsOfJson(row.packed) : decodeHistory(row.packed);
}

function columnsOfJson(bytes: Uint8Array): HistoryColumns {
  const [days, impressions, clicks, spends]: [string[], number[], number[], (number | null)[]] = JSON.parse(
    Buffer.from(bytes).toString(),
  );
  return {
    days: daysOf(days),
    impressions: new Float64Array(impressions),
    clicks: new Float64Array(clicks),
    spendMicros: new Float64Array(spends.map((spend) => spend ?? Number.NaN)),
  };
}

export function uploadedColumns({ days, impressions, clicks, spendMicros }: ItemSeries): HistoryColumns {
  return {
    days: daysOf(days),
    impressions: new Float64Array(impressions),
    clicks: new Float64Array(clicks),
    spendMicros:
      spendMicros === null ? new Float64Array(days.length).fill(Number.NaN) : new Float64Array(spendMicros),
  };
}

function daysOf(texts: readonly string[]): Int32Array {
  const days = new Int32Array(texts.length);
  for (let place = 0; place < days.length; place++) days[place] = dayOf(texts[place] ?? '');
  return days;
}

/** The same few days come with every item. */
const parsed = new Map<string, number>();
const MAX_PARSED = 10_000;

/** @throws RangeError when it is none: days of uploads and of the database always are */
export function dayOf(text: string): number {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const day = parseDay(text, null);
  if (day === null) throw new RangeError(`"${text}" is no day.`);
  if (parsed.size < MAX_PARSED) parsed.set(text, day);
  return day;
}

/** Spend is known when it is for every day. */
export function seriesOfRow(row: HistoryRow): ItemSeries {
  const { days, impressions, clicks, spendMicros } = columnsOf(row);
  return {
    id: row.id,
    days: Array.from(days, formatDay),
    impressions: Array.from(impressions),
    clicks: Array.from(clicks),
    spendMicros: spendMicros.some(Number.isNaN) ? null : Array.from(spendMicros),
  };
}

export function historyItem(row: HistoryRow): HistoryItem {
  const contentHash = createHash('sha256').update(packedOf(row)).digest('hex');
  return { series: seriesOfRow(row), contentHash };
}

function packedOf(row: HistoryRow): Uint8Array {
  return row.packed[0] === JSON_MARK ? encodeHistory(columnsOf(row)) : row.packed;
}

/** Whether an item's figures are others than before; one that is not known yet has none. */
export function isChange(now: Uint8Array, before: HistoryRow | undefined): boolean {
  return Buffer.compare(now, before === undefined ? NO_ITEM : packedOf(before)) !== 0;
}

/** The statement that writes items as they are now, under the version that this makes of the history. */
export function writingOf(
  { tenant, datasetId, version }: HistoryEdit,
  changes: readonly HistoryChange[],
): Query {
  let next = 1;
  const starts = changes.map(({ packed }) => {
    const start = next;
    next += packed.length;
    return start;
  });
  const dayAt = (place: number) =>
    changes.map(({ columns: { days } }) => (days.length === 0 ? null : formatDay(days.at(place) ?? 0)));
  return {
    text: UPSERT,
    values: [
      tenant,
      datasetId,
      version,
      Buffer.concat(changes.map(({ packed }) => packed)),
      changes.map(({ id }) => itemKey(id)),
      changes.map(({ id }) => id),
      dayAt(0),
      dayAt(-1),
      starts,
      changes.map(({ packed }) => packed.length),
    ],
  };
}
