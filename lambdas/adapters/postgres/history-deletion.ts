import type pg from 'pg';
import type { DatasetRef, UploadRange } from '../../ports/history-store.ts';
import { clearDays, lockVersion, setVersion } from './history-changes.ts';
import { dayOf } from './history-rows.ts';

const DELETE_DAYS = `
  DELETE FROM history_days WHERE tenant = $1 AND dataset_id = $2 AND job_id < $3 AND job_id <> ALL($4::text[])
  RETURNING day`;

const HAS_DAYS = `
  SELECT EXISTS (SELECT FROM history_days WHERE tenant = $1 AND dataset_id = $2) AS has_days`;

const DELETE_EMPTY = `
  DELETE FROM history_items WHERE tenant = $1 AND dataset_id = $2 AND from_day IS NULL`;

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
  const days = new Set(deleted.rows.map(({ day }) => dayOf(day)));
  if (days.size === 0) return;
  const edit = { tenant, datasetId, version };
  await clearDays(client, edit, days, () => days);
  await client.query(DELETE_EMPTY, values);
  await setVersion(client, edit);
}

/** Datasets of a tenant that have a history. */
export async function historiesOf(
  client: pg.ClientBase,
  tenant: string,
  most: number | undefined,
): Promise<string[]> {
  const { rows } = await client.query<{ dataset_id: string }>(
    'SELECT dataset_id FROM histories WHERE tenant = $1 LIMIT $2',
    [tenant, most ?? null],
  );
  return rows.map(({ dataset_id }) => dataset_id);
}

/** Deletes the history of a dataset. Its row goes first: that waits for an addition under way, whose rows then go too. */
export async function removeHistories(
  client: pg.ClientBase,
  tenant: string,
  datasetId: string,
): Promise<void> {
  for (const table of ['histories', 'history_days', 'history_items']) {
    await client.query(`DELETE FROM ${table} WHERE tenant = $1 AND dataset_id = $2`, [tenant, datasetId]);
  }
}
