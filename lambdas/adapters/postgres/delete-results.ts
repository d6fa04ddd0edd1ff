import type pg from 'pg';
import type { JobRun } from '../../contracts/object-keys.ts';

/** The tables with rows for each item, by tenant, job and run. */
const ITEM_TABLES = ['change_points', 'item_blocks', 'items'] as const;

export async function deleteJob(client: pg.ClientBase, tenant: string, jobId: string): Promise<void> {
  for (const table of [...ITEM_TABLES, 'job_results']) {
    await client.query(`DELETE FROM ${table} WHERE tenant = $1 AND job_id = $2`, [tenant, jobId]);
  }
}

/** What the runs of a job before this one have left. */
export async function deleteEarlierRuns(
  client: pg.ClientBase,
  { tenant, jobId, run }: JobRun,
): Promise<void> {
  for (const table of ITEM_TABLES) {
    await client.query(`DELETE FROM ${table} WHERE tenant = $1 AND job_id = $2 AND run < $3`, [
      tenant,
      jobId,
      run,
    ]);
  }
}

/** The items of a tenant whose results were never published. */
export async function deleteUnpublished(client: pg.ClientBase, tenant: string): Promise<void> {
  for (const table of ITEM_TABLES) {
    await client.query(`DELETE FROM ${table} WHERE tenant = $1`, [tenant]);
  }
}

/** Jobs of a dataset that have results, or of all datasets of the tenant. */
export async function jobsOf(
  client: pg.ClientBase,
  tenant: string,
  datasetId: string | null,
): Promise<string[]> {
  const { rows } = await client.query<{ job_id: string }>(
    'SELECT job_id FROM job_results WHERE tenant = $1 AND ($2::text IS NULL OR dataset_id = $2)',
    [tenant, datasetId],
  );
  return rows.map(({ job_id }) => job_id);
}

/** @returns how many results that were */
export async function deleteExpired(client: pg.ClientBase, now: string): Promise<number> {
  const { rows } = await client.query<{ deleted: number }>('SELECT delete_expired($1) AS deleted', [now]);
  return rows[0]?.deleted ?? 0;
}
