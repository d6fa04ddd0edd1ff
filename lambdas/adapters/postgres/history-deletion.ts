import type pg from 'pg';
import type { DatasetRef, UploadRange } from '../../ports/history-store.ts';
import { clearDays, lockVersion, setVersion } from './history-changes.ts';

const DELETE_DAYS = `
  DELETE FROM history_days WHERE tenant = $1 AND dataset_id = $2 AND job_id < $3 AND job_id <> ALL($4::text[])
  RETURNING day`;

const HAS_DAYS = `
  SELECT EXISTS (SELECT FROM history_days WHERE tenant = $1 AND dataset_id = $2) AS has_days`;

const DELETE_EMPTY = `
  DELETE FROM history_items WHERE tenant = $1 AND dataset_id = $2 AND cardinality(days) = 0`;

/** Deletes the days of uploads, and items that have no others. */
export async function deleteUploads(
  client: pg.ClientBase,
  dataset: DatasetRef,
  { before, except }: UploadRange,
): Promise<void> {
  const { tenant, datasetId } = dataset;
  const version = (await lockVersion(client, dataset)) + 1;
  const values = [tenant, datasetId];
  const deleted = await client.query<{ day: string }>(DELETE_DAYS, [...values, before, except]);
  const { rows } = await client.query<{ has_days: boolean }>(HAS_DAYS, values);
  if (rows[0]?.has_days !== true) return removeHistories(client, tenant, datasetId);
  const replaced = new Set(deleted.rows.map(({ day }) => day));
  if (replaced.size === 0) return;
  const edit = { tenant, datasetId, version, replaced };
  await clearDays(client, edit, new Set());
  await client.query(DELETE_EMPTY, values);
  await setVersion(client, edit);
}

/** Deletes a history, or all of a tenant. */
export async function removeHistories(
  client: pg.ClientBase,
  tenant: string,
  datasetId: string | null,
): Promise<void> {
  for (const table of ['history_items', 'history_days', 'histories']) {
    await client.query(`DELETE FROM ${table} WHERE tenant = $1 AND ($2::text IS NULL OR dataset_id = $2)`, [
      tenant,
      datasetId,
    ]);
  }
}
