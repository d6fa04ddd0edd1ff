import type pg from 'pg';
import type { JobRun } from '../../contracts/object-keys.ts';
import { lockJob } from './job-lock.ts';

const ITEM_TABLES = ['change_points', 'item_blocks', 'items'] as const;

export async function deleteJob(client: pg.ClientBase, tenant: string, jobId: string): Promise<void> {
  await lockJob(client, { tenant, jobId });
  await client.query('DELETE FROM job_results WHERE tenant = $1 AND job_id = $2', [tenant, jobId]);
  await deleteRuns(client, 'tenant = $1 AND job_id = $2', [tenant, jobId]);
}

/** What the runs of a job before this one have left. */
export function deleteEarlierRuns(client: pg.ClientBase, { tenant, jobId, run }: JobRun): Promise<void> {
  return deleteRuns(client, 'tenant = $1 AND job_id = $2 AND run < $3', [tenant, jobId, run]);
}

/** The rows of the runs go first: that waits for who is writing items of them, and nobody does afterwards. */
async function deleteRuns(client: pg.ClientBase, which: string, values: readonly unknown[]): Promise<void> {
  const statement = `DELETE FROM stored_runs WHERE ${which} RETURNING result_id`;
  const { rows } = await client.query<{ result_id: number }>(statement, [...values]);
  if (rows.length === 0) return;
  const ids = rows.map(({ result_id }) => result_id);
  for (const table of ITEM_TABLES) {
    await client.query(`DELETE FROM ${table} WHERE result_id = ANY($1::bigint[])`, [ids]);
  }
}

/** Jobs of a dataset that have results. */
export function jobsOfDataset(client: pg.ClientBase, tenant: string, datasetId: string): Promise<string[]> {
  return jobIds(client, 'SELECT job_id FROM job_results WHERE tenant = $1 AND dataset_id = $2', [
    tenant,
    datasetId,
  ]);
}

/** Jobs of a tenant that have items, whether they are shown or not. */
export function jobsOfTenant(
  client: pg.ClientBase,
  tenant: string,
  most: number | undefined,
): Promise<string[]> {
  const statement = 'SELECT DISTINCT job_id FROM stored_runs WHERE tenant = $1 LIMIT $2';
  return jobIds(client, statement, [tenant, most ?? null]);
}

async function jobIds(client: pg.ClientBase, statement: string, values: unknown[]): Promise<string[]> {
  const { rows } = await client.query<{ job_id: string }>(statement, values);
  return rows.map(({ job_id }) => job_id);
}

/** @returns how many results that were */
export async function deleteExpired(client: pg.ClientBase, now: string): Promise<number> {
  const { rows } = await client.query<{ deleted: number }>('SELECT delete_expired($1) AS deleted', [now]);
  return rows[0]?.deleted ?? 0;
}
