import type pg from 'pg';
import { itemKey } from '../../domain/report/item-key.ts';
import { type HistoryColumns, NO_HISTORY, replaceDays } from '../../domain/totals/history.ts';
import type { ItemSeries } from '../../domain/totals/item-series.ts';
import type { DatasetRef, HistoryAddition, HistoryStore, HistoryUpload } from '../../ports/history-store.ts';
import { batchesOf } from './batches.ts';
import type { Database } from './database.ts';
import {
  columnsOf,
  contentHash,
  HISTORY_COLUMNS,
  type HistoryRow,
  historyItem,
  isChange,
  uploadedColumns,
  writeHistory,
} from './history-rows.ts';

/** Items that are read, changed and written at a time. */
const BATCH = 500;

const CLAIM_DAYS = `
  INSERT INTO history_days AS known (tenant, dataset_id, day, job_id, currency)
  SELECT $1, $2, d.day, $3, $5 FROM unnest($4::date[]) AS d (day)
  ON CONFLICT (tenant, dataset_id, day) DO UPDATE SET job_id = EXCLUDED.job_id, currency = EXCLUDED.currency
  WHERE known.job_id <= EXCLUDED.job_id
  RETURNING day`;

const BY_KEYS = `
  SELECT ${HISTORY_COLUMNS} FROM history_items h WHERE h.tenant = $1 AND h.dataset_id = $2 AND h.key = ANY($3::text[])`;

const KEYS_OF_DAYS = `
  SELECT h.key FROM history_items h WHERE h.tenant = $1 AND h.dataset_id = $2 AND h.days && $3::date[]`;

const ITEMS = `
  SELECT ${HISTORY_COLUMNS} FROM history_items h
  WHERE h.tenant = $1 AND h.dataset_id = $2 AND h.key > $3 AND h.version > $4 AND cardinality(h.days) > 0
  ORDER BY h.key LIMIT ${BATCH}`;

/** What an addition works with: the days that it replaces, and the version it makes. */
interface Addition extends HistoryUpload {
  readonly version: number;
  readonly replaced: ReadonlySet<string>;
}

/** Histories in PostgreSQL. All reads go to the writer: an analysis must not miss the upload that it is made for. */
export function createPostgresHistoryStore(database: Database): HistoryStore {
  return {
    add: (upload, series) => database.write((client) => addUpload(client, upload, series)),
    async *items({ tenant, datasetId }, changedAfter) {
      for (let key = ''; ; ) {
        const values = [tenant, datasetId, key, changedAfter];
        const { rows } = await database.write((client) => client.query<HistoryRow>(ITEMS, values));
        for (const row of rows) yield historyItem(row);
        const last = rows.at(-1);
        if (last === undefined) return;
        key = last.key;
      }
    },
    deleteDataset: ({ tenant, datasetId }) => database.write((client) => remove(client, tenant, datasetId)),
    deleteTenant: (tenant) => database.write((client) => remove(client, tenant, null)),
  };
}

async function addUpload(
  client: pg.ClientBase,
  upload: HistoryUpload,
  series: () => AsyncIterable<ItemSeries>,
): Promise<HistoryAddition> {
  const known = await lockVersion(client, upload);
  const replaced = await claimDays(client, upload, series());
  const addition = { ...upload, version: known + 1, replaced };
  let changed = 0;
  const seen = new Set<string>();
  for await (const items of batchesOf(series(), BATCH)) {
    const uploaded = new Map(items.map((item) => [itemKey(item.id), item]));
    changed += await addItems(client, addition, uploaded);
    for (const key of uploaded.keys()) seen.add(key);
  }
  changed += await clearLeftOut(client, addition, seen);
  if (changed === 0) return { version: known, changed };
  const values = [upload.tenant, upload.datasetId, addition.version];
  await client.query('UPDATE histories SET version = $3 WHERE tenant = $1 AND dataset_id = $2', values);
  return { version: addition.version, changed };
}

/** Lets one addition at a time change a history. @returns its version */
async function lockVersion(client: pg.ClientBase, { tenant, datasetId }: DatasetRef): Promise<number> {
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

/** The days of an upload that are its own, which are all that no later upload has. */
async function claimDays(
  client: pg.ClientBase,
  { tenant, datasetId, jobId, currency }: HistoryUpload,
  series: AsyncIterable<ItemSeries>,
): Promise<ReadonlySet<string>> {
  const days = new Set<string>();
  for await (const item of series) for (const day of item.days) days.add(day);
  const values = [tenant, datasetId, jobId, [...days], currency];
  const { rows } = await client.query<{ day: string }>(CLAIM_DAYS, values);
  return new Set(rows.map(({ day }) => day));
}

async function addItems(
  client: pg.ClientBase,
  addition: Addition,
  uploaded: ReadonlyMap<string, ItemSeries>,
): Promise<number> {
  const known = await rowsOf(client, addition, [...uploaded.keys()]);
  const merges = Array.from(uploaded, ([key, item]) => {
    return { id: item.id, before: known.get(key), uploaded: uploadedColumns(item) };
  });
  return change(client, addition, merges);
}

/** Takes the replaced days from those items that are not in the upload. @returns how many that were */
async function clearLeftOut(
  client: pg.ClientBase,
  addition: Addition,
  seen: ReadonlySet<string>,
): Promise<number> {
  const { tenant, datasetId, replaced } = addition;
  const { rows } = await client.query<{ key: string }>(KEYS_OF_DAYS, [tenant, datasetId, [...replaced]]);
  const leftOut = rows.map(({ key }) => key).filter((key) => !seen.has(key));
  let changed = 0;
  for (let from = 0; from < leftOut.length; from += BATCH) {
    const known = await rowsOf(client, addition, leftOut.slice(from, from + BATCH));
    const merges = Array.from(known.values(), (before) => ({ id: before.id, before, uploaded: NO_HISTORY }));
    changed += await change(client, addition, merges);
  }
  return changed;
}

async function rowsOf(
  client: pg.ClientBase,
  { tenant, datasetId }: DatasetRef,
  keys: readonly string[],
): Promise<ReadonlyMap<string, HistoryRow>> {
  const { rows } = await client.query<HistoryRow>(BY_KEYS, [tenant, datasetId, keys]);
  return new Map(rows.map((row) => [row.key, row]));
}

interface Merge {
  readonly id: string;
  readonly before: HistoryRow | undefined;
  readonly uploaded: HistoryColumns;
}

/** Writes those items whose figures are others now. @returns how many */
async function change(client: pg.ClientBase, addition: Addition, merges: readonly Merge[]): Promise<number> {
  const changes = merges.flatMap(({ id, before, uploaded }) => {
    const known = before === undefined ? NO_HISTORY : columnsOf(before);
    const columns = replaceDays(known, uploaded, addition.replaced);
    const merged = { id, columns, contentHash: contentHash(columns) };
    return isChange(merged, before) ? [merged] : [];
  });
  if (changes.length > 0) await writeHistory(client, addition, addition.version, changes);
  return changes.length;
}

async function remove(client: pg.ClientBase, tenant: string, datasetId: string | null): Promise<void> {
  for (const table of ['history_items', 'history_days', 'histories']) {
    await client.query(`DELETE FROM ${table} WHERE tenant = $1 AND ($2::text IS NULL OR dataset_id = $2)`, [
      tenant,
      datasetId,
    ]);
  }
}
