import type pg from 'pg';
import { formatDay } from '../../domain/observation/day.ts';
import { type HistoryColumns, NO_HISTORY, replaceDays } from '../../domain/totals/history.ts';
import { encodeHistory } from '../../domain/totals/history-codec.ts';
import type { DatasetRef } from '../../ports/history-store.ts';
import { columnsOf, HISTORY_COLUMNS, type HistoryRow, isChange, writingOf } from './history-rows.ts';

/** Items that are read, changed and written at a time. */
export const BATCH = 200;

const BY_KEYS = `
  SELECT ${HISTORY_COLUMNS} FROM history_items h WHERE h.tenant = $1 AND h.dataset_id = $2 AND h.key = ANY($3::text[])`;

const KEYS_OF_DAYS = `
  SELECT h.key FROM history_items h
  WHERE h.tenant = $1 AND h.dataset_id = $2 AND h.from_day <= $4 AND h.to_day >= $3`;

// One statement, since the row may be deleted while it is waited for, and is then made anew.
const LOCK = `
  INSERT INTO histories AS known (tenant, dataset_id, version) VALUES ($1, $2, 0)
  ON CONFLICT (tenant, dataset_id) DO UPDATE SET version = known.version
  RETURNING version`;

/** What is done to a history, and the version that this makes of it. */
export interface HistoryEdit extends DatasetRef {
  readonly version: number;
}

/** An item as it is known, what an upload has of it, and the days whose figures become those. */
export interface Merge {
  readonly id: string;
  readonly before: HistoryRow | undefined;
  readonly uploaded: HistoryColumns;
  readonly replaced: ReadonlySet<number>;
}

/** Lets one change at a time be made to a history. @returns its version */
export async function lockVersion(client: pg.ClientBase, { tenant, datasetId }: DatasetRef): Promise<number> {
  const { rows } = await client.query<{ version: number }>(LOCK, [tenant, datasetId]);
  const [locked] = rows;
  if (locked === undefined) throw new Error(`The history of ${datasetId} could not be locked.`);
  return locked.version;
}

export async function setVersion(
  client: pg.ClientBase,
  { tenant, datasetId, version }: HistoryEdit,
): Promise<void> {
  const values = [tenant, datasetId, version];
  await client.query('UPDATE histories SET version = $3 WHERE tenant = $1 AND dataset_id = $2', values);
}

/**
 * Takes days from items that have them.
 *
 * @param daysFor what to take of the item of a key, out of `days`; null for nothing
 * @returns the ids of those that had some
 */
export async function clearDays(
  client: pg.ClientBase,
  edit: HistoryEdit,
  days: Iterable<number>,
  daysFor: (key: string) => ReadonlySet<number> | null,
): Promise<string[]> {
  const sorted = Int32Array.from(days).sort();
  const [first, last] = [sorted.at(0), sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const values = [edit.tenant, edit.datasetId, formatDay(first), formatDay(last)];
  const { rows } = await client.query<{ key: string }>(KEYS_OF_DAYS, values);
  const keys = rows.map(({ key }) => key).filter((key) => daysFor(key) !== null);
  const changed: string[] = [];
  for (let from = 0; from < keys.length; from += BATCH) {
    const known = await rowsOf(client, edit, keys.slice(from, from + BATCH));
    const merges = Array.from(known.values(), (before) => {
      return { id: before.id, before, uploaded: NO_HISTORY, replaced: daysFor(before.key) ?? new Set() };
    });
    changed.push(...(await mergeItems(client, edit, merges)));
  }
  return changed;
}

export async function rowsOf(
  client: pg.ClientBase,
  { tenant, datasetId }: DatasetRef,
  keys: readonly string[],
): Promise<ReadonlyMap<string, HistoryRow>> {
  const { rows } = await client.query<HistoryRow>(BY_KEYS, [tenant, datasetId, keys]);
  return new Map(rows.map((row) => [row.key, row]));
}

/** Writes those items whose figures are others now. @returns their ids */
export async function mergeItems(
  client: pg.ClientBase,
  edit: HistoryEdit,
  merges: readonly Merge[],
): Promise<string[]> {
  const changes = merges.flatMap(({ id, before, uploaded, replaced }) => {
    const columns = replaceDays(columnsOf(before), uploaded, replaced);
    const packed = encodeHistory(columns);
    return isChange(packed, before) ? [{ id, columns, packed }] : [];
  });
  if (changes.length === 0) return [];
  const { text, values } = writingOf(edit, changes);
  await client.query(text, [...values]);
  return changes.map(({ id }) => id);
}
