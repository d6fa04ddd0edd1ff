import type pg from 'pg';
import { itemKey } from '../../domain/report/item-key.ts';
import type { ItemSeries } from '../../domain/totals/item-series.ts';
import type { HistoryAddition, HistoryStore, HistoryUpload } from '../../ports/history-store.ts';
import { batchesOf } from './batches.ts';
import type { Database } from './database.ts';
import {
  BATCH,
  clearDays,
  type HistoryEdit,
  lockVersion,
  mergeItems,
  rowsOf,
  setVersion,
} from './history-changes.ts';
import { deleteUploads, removeHistories } from './history-deletion.ts';
import { itemsOf, readSnapshot } from './history-reads.ts';
import { type HistoryRow, uploadedColumns } from './history-rows.ts';

const CLAIM_DAYS = `
  INSERT INTO history_days AS known (tenant, dataset_id, day, job_id, currency)
  SELECT $1, $2, d.day, $3, $5 FROM unnest($4::date[]) AS d (day)
  ON CONFLICT (tenant, dataset_id, day) DO UPDATE SET job_id = EXCLUDED.job_id, currency = EXCLUDED.currency
  WHERE known.job_id <= EXCLUDED.job_id
  RETURNING day`;

/** Histories in PostgreSQL. All reads go to the writer: an analysis must not miss the upload that it is made for. */
export function createPostgresHistoryStore(database: Database): HistoryStore {
  const ask = async (text: string, values: readonly unknown[]) => {
    const { rows } = await database.write((client) => client.query<HistoryRow>(text, [...values]));
    return rows;
  };
  return {
    add: (upload, series) => database.write((client) => addUpload(client, upload, series)),
    items: (dataset, changedAfter) => itemsOf(ask, dataset, changedAfter),
    snapshot: (dataset, use) => database.snapshot(async (client) => use(await readSnapshot(client, dataset))),
    deleteUploads: (dataset, uploads) => database.write((client) => deleteUploads(client, dataset, uploads)),
    deleteTenant: (tenant) => database.write((client) => removeHistories(client, tenant, null)),
  };
}

async function addUpload(
  client: pg.ClientBase,
  upload: HistoryUpload,
  series: () => AsyncIterable<ItemSeries>,
): Promise<HistoryAddition> {
  const { tenant, datasetId } = upload;
  const known = await lockVersion(client, upload);
  const replaced = await claimDays(client, upload, series());
  const edit = { tenant, datasetId, version: known + 1, replaced };
  let changed = 0;
  const seen = new Set<string>();
  for await (const items of batchesOf(series(), BATCH)) {
    const uploaded = new Map(items.map((item) => [itemKey(item.id), item]));
    changed += await addItems(client, edit, uploaded);
    for (const key of uploaded.keys()) seen.add(key);
  }
  changed += await clearDays(client, edit, seen);
  if (changed === 0) return { version: known, changed };
  await setVersion(client, edit);
  return { version: edit.version, changed };
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
  edit: HistoryEdit,
  uploaded: ReadonlyMap<string, ItemSeries>,
): Promise<number> {
  const known = await rowsOf(client, edit, [...uploaded.keys()]);
  const merges = Array.from(uploaded, ([key, item]) => {
    return { id: item.id, before: known.get(key), uploaded: uploadedColumns(item) };
  });
  return mergeItems(client, edit, merges);
}
