import type pg from 'pg';
import type { JobRun } from '../../contracts/object-keys.ts';
import type { NewItem, ResultWriter } from '../../ports/result-store.ts';
import type { Database } from './database.ts';
import { deleteExpired, deleteJob, jobsOfDataset, jobsOfTenant } from './delete-results.ts';
import { insertionOf, type PackedBlock, packedBatches } from './item-batch.ts';
import { publishResult } from './publish-result.ts';

/** One for each connection, and one that is made ready meanwhile. */
const UNDER_WAY = 3;

/**
 * Writes results. Items go in under their run some at a time, and are seen when the row of the job names that run: the
 * last thing that is written.
 */
export function createResultWriter(database: Database): ResultWriter {
  const { write, execute } = database;
  return {
    async store(head, items) {
      if (await write((client) => isSuperseded(client, head))) return 'superseded';
      const resultId = await write((client) => beginResult(client, head));
      await insertAll(items, (batch) => execute(insertionOf(batch, resultId)));
      return write((client) => publishResult(client, head, resultId));
    },
    deleteJob: ({ tenant, jobId }) => write((client) => deleteJob(client, tenant, jobId)),
    async deleteDataset(tenant, datasetId) {
      for (const jobId of await write((client) => jobsOfDataset(client, tenant, datasetId))) {
        await write((client) => deleteJob(client, tenant, jobId));
      }
    },
    async deleteTenant(tenant, most) {
      const jobIds = await write((client) => jobsOfTenant(client, tenant, most));
      for (const jobId of jobIds) await write((client) => deleteJob(client, tenant, jobId));
      return jobIds.length;
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

/** @returns what the items of the run stand under */
async function beginResult(client: pg.ClientBase, { tenant, jobId, run }: JobRun): Promise<number> {
  const statement = 'SELECT begin_result($1, $2, $3) AS result_id';
  const { rows } = await client.query<{ result_id: number }>(statement, [tenant, jobId, run]);
  const [begun] = rows;
  if (begun === undefined) throw new Error(`${jobId} was given no number.`);
  return begun.result_id;
}

/** Inserts all items, some batches on their way while the next is made ready. */
async function insertAll(
  items: AsyncIterable<NewItem>,
  insert: (batch: readonly PackedBlock[]) => Promise<void>,
): Promise<void> {
  const batches = packedBatches(items);
  const work = async () => {
    for await (const batch of batches) await insert(batch);
  };
  // One that fails closes the batches, so that the others end with those they have.
  await Promise.all(Array.from({ length: UNDER_WAY }, work));
}
