import type pg from 'pg';
import { NO_HISTORY, replaceDays } from '../../domain/totals/history.ts';
import type { DatasetRef } from '../../ports/history-store.ts';
import {
  columnsOf,
  contentHash,
  HISTORY_COLUMNS,
  type HistoryRow,
  isChange,
  type Merge,
  writeHistory,
} from './history-rows.ts';

/** Items that are read, changed and written at a time. */
export const BATCH = 500;

const BY_KEYS = `
  SELECT ${HISTORY_COLUMNS} FROM history_items h WHERE h.tenant = $1 AND h.dataset_id = $2 AND h.key = ANY($3::text[])`;

const KEYS_OF_DAYS = `
  SELECT h.key FROM history_items h WHERE h.tenant = $1 AND h.dataset_id = $2 AND h.days && $3::date[]`;

/** What changes a history: the days whose figures become others, and the version that this makes. */
export interface HistoryEdit extends DatasetRef {
  readonly version: number;
  readonly replaced: ReadonlySet<string>;
}

/** Lets one change at a time be made to a history. @returns its version */
export async function lockVersion(client: pg.ClientBase, { tenant, datasetId }: DatasetRef): Promise<number> {
  const values = [tenant, datasetId];
  await client.query(
    'INSERT INTO histories (tenant, dataset_id, version) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING',
    values,
  );
  const { rows } = await client.query<{ version: number }>(
    'SELECT version FROM histories WHERE tenant = $1 AND dataset_id = $2 FOR UPDATE',
    values,
  );
  return rows[0]?.version ?? 0;
}

export async function setVersion(
  client: pg.ClientBase,
  { tenant, datasetId, version }: HistoryEdit,
): Promise<void> {
  const values = [tenant, datasetId, version];
  await client.query('UPDATE histories SET version = $3 WHERE tenant = $1 AND dataset_id = $2', values);
}

/** Takes the replaced days from all items but those of the given keys. @returns how many that were */
export async function clearDays(
  client: pg.ClientBase,
  edit: HistoryEdit,
  except: ReadonlySet<string>,
): Promise<number> {
  const { tenant, datasetId, replaced } = edit;
  const { rows } = await client.query<{ key: string }>(KEYS_OF_DAYS, [tenant, datasetId, [...replaced]]);
  const keys = rows.map(({ key }) => key).filter((key) => !except.has(key));
  let changed = 0;
  for (let from = 0; from < keys.length; from += BATCH) {
    const known = await rowsOf(client, edit, keys.slice(from, from + BATCH));
    const merges = Array.from(known.values(), (before) => ({ id: before.id, before, uploaded: NO_HISTORY }));
    changed += await mergeItems(client, edit, merges);
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

/** Writes those items whose figures are others now. @returns how many */
export async function mergeItems(
  client: pg.ClientBase,
  edit: HistoryEdit,
  merges: readonly Merge[],
): Promise<number> {
  const changes = merges.flatMap(({ id, before, uploaded }) => {
    const known = before === undefined ? NO_HISTORY : columnsOf(before);
    const columns = replaceDays(known, uploaded, edit.replaced);
    const merged = { id, columns, contentHash: contentHash(columns) };
    return isChange(merged, before) ? [merged] : [];
  });
  if (changes.length > 0) await writeHistory(client, edit, edit.version, changes);
  return changes.length;
}
