import type pg from 'pg';
import type { JobRun } from '../../contracts/object-keys.ts';
import { itemKey } from '../../domain/report/item-key.ts';
import type { ItemWithSeries, ResultWriter } from '../../ports/result-store.ts';
import { batchesOf } from './batches.ts';
import type { Database } from './database.ts';
import { deleteExpired, deleteJob, deleteUnpublished, jobsOf } from './delete-results.ts';
import { changePointRows, ITEM_COLUMNS, itemRow } from './item-rows.ts';
import { publishResult } from './publish-result.ts';

/** Items of one statement: some megabytes of parameters. */
const BATCH = 500;

const CHANGE_POINT_COLUMNS = {
  key: 'text',
  metric: 'text',
  number: 'integer',
  day: 'date',
  onset_day: 'date',
  direction: 'text',
  score: 'double precision',
} as const;

const INSERT_ITEMS = insertRecords('items', ITEM_COLUMNS);
const INSERT_CHANGE_POINTS = insertRecords('change_points', CHANGE_POINT_COLUMNS);
// Texts of JSON go through as they are; as members of records they would be parsed twice.
const INSERT_DETAILS = `
  INSERT INTO item_details (tenant, job_id, run, key, document, series)
  SELECT $1, $2, $3, d.* FROM ROWS FROM (
    json_array_elements_text($4::json), json_array_elements($5::json), json_array_elements($6::json)
  ) AS d (key, document, series)
  ON CONFLICT DO NOTHING`;

/**
 * Writes results. Items go in under their run some at a time, and are seen when the row of the job names that run: the
 * last thing that is written.
 */
export function createResultWriter(database: Database): ResultWriter {
  const { write } = database;
  return {
    async store(head, items) {
      if (await write((client) => isSuperseded(client, head))) return 'superseded';
      await write((client) => preparePartitions(client, head));
      for await (const batch of batchesOf(items, BATCH))
        await write((client) => insertBatch(client, head, batch));
      return write((client) => publishResult(client, head));
    },
    deleteJob: ({ tenant, jobId }) => write((client) => deleteJob(client, tenant, jobId)),
    async deleteDataset(tenant, datasetId) {
      for (const jobId of await write((client) => jobsOf(client, tenant, datasetId))) {
        await write((client) => deleteJob(client, tenant, jobId));
      }
    },
    async deleteTenant(tenant) {
      for (const jobId of await write((client) => jobsOf(client, tenant, null))) {
        await write((client) => deleteJob(client, tenant, jobId));
      }
      await write((client) => deleteUnpublished(client, tenant));
    },
    deleteExpired: (now) => write((client) => deleteExpired(client, now)),
  };
}

async function isSuperseded(client: pg.ClientBase, { tenant, jobId, run }: JobRun): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM job_results WHERE tenant = $1 AND job_id = $2 AND run > $3',
    [tenant, jobId, run],
  );
  return rowCount !== 0;
}

async function preparePartitions(client: pg.ClientBase, { jobId }: JobRun): Promise<void> {
  await client.query('SELECT prepare_partitions($1)', [jobId]);
}

/** Rows that are there stay: a run's objects never change, so they are the same. */
async function insertBatch(
  client: pg.ClientBase,
  { tenant, jobId, run }: JobRun,
  batch: readonly ItemWithSeries[],
): Promise<void> {
  const owner = [tenant, jobId, run];
  const items = batch.map(({ item }) => item);
  await client.query(INSERT_ITEMS, [...owner, JSON.stringify(items.map(itemRow))]);
  await client.query(INSERT_CHANGE_POINTS, [...owner, JSON.stringify(items.flatMap(changePointRows))]);
  await client.query(INSERT_DETAILS, [
    ...owner,
    JSON.stringify(items.map(({ id }) => itemKey(id))),
    JSON.stringify(items),
    JSON.stringify(batch.map(({ series }) => series)),
  ]);
}

/** Records of a JSON array into a table, under one tenant, job and run. */
function insertRecords(table: string, columns: Readonly<Record<string, string>>): string {
  const typed = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return `
    INSERT INTO ${table} (tenant, job_id, run, ${Object.keys(columns).join(', ')})
    SELECT $1, $2, $3, r.* FROM json_to_recordset($4::json) AS r (${typed.join(', ')})
    ON CONFLICT DO NOTHING`;
}
