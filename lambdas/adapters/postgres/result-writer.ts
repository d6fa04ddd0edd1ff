import type pg from 'pg';
import type { JobRun } from '../../contracts/object-keys.ts';
import type { ItemWithSeries, ResultWriter } from '../../ports/result-store.ts';
import { batchesOf } from './batches.ts';
import type { Database } from './database.ts';
import { deleteExpired, deleteJob, deleteUnpublished, jobsOf } from './delete-results.ts';
import { BLOCK, packBlock } from './item-blocks.ts';
import { changePointRows, ITEM_COLUMNS, itemRow } from './item-rows.ts';
import { publishResult } from './publish-result.ts';

/** Items of one statement, in whole blocks: about a megabyte of parameters. */
const BATCH = 25 * BLOCK;

const CHANGE_POINT_COLUMNS = {
  key: 'text',
  metric: 'text',
  number: 'integer',
  day: 'date',
  onset_day: 'date',
  direction: 'text',
  score: 'double precision',
} as const;

const INSERT_ITEMS = insertRecords('items', { ...ITEM_COLUMNS, block: 'integer' });
const INSERT_CHANGE_POINTS = insertRecords('change_points', CHANGE_POINT_COLUMNS);
// One run of bytes for all of a batch: an array of them would travel as hexadecimal text.
const INSERT_BLOCKS = `
  INSERT INTO item_blocks (tenant, job_id, run, block, packed)
  SELECT $1, $2, $3, b.block, substring($4::bytea FROM b.start FOR b.length)
  FROM unnest($5::integer[], $6::integer[], $7::integer[]) AS b (block, start, length)
  ON CONFLICT DO NOTHING`;

/** The parameters of a batch's statements. */
interface Batch {
  readonly items: string;
  readonly changePoints: string;
  readonly blocks: readonly Block[];
}

interface Block {
  readonly number: number;
  readonly packed: Uint8Array;
}

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
      await insertAll(items, (batch) => write((client) => insertBatch(client, head, batch)));
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

/** Inserts all items, getting a batch ready while the one before it is on its way. */
async function insertAll(
  items: AsyncIterable<ItemWithSeries>,
  insert: (batch: Batch) => Promise<void>,
): Promise<void> {
  let ready: Batch | null = null;
  let before = 0;
  for await (const batch of batchesOf(items, BATCH)) {
    const inserting: Promise<void> | null = ready === null ? null : insert(ready);
    [ready] = await Promise.all([getReady(batch, before / BLOCK), inserting]);
    before += batch.length;
  }
  if (ready !== null) await insert(ready);
}

/** @param firstBlock number of the batch's first block: the same items always stand in the same block */
async function getReady(batch: readonly ItemWithSeries[], firstBlock: number): Promise<Batch> {
  const rows = batch.map(({ item }, index) => {
    return { ...itemRow(item), block: firstBlock + Math.floor(index / BLOCK) };
  });
  const changePoints = batch.flatMap(({ item }, index) => changePointRows(item, rows[index]?.key ?? ''));
  const blocks = Array.from({ length: Math.ceil(batch.length / BLOCK) }, async (_, index) => {
    const packed = await packBlock(batch.slice(index * BLOCK, (index + 1) * BLOCK));
    return { number: firstBlock + index, packed };
  });
  return {
    items: JSON.stringify(rows),
    changePoints: JSON.stringify(changePoints),
    blocks: await Promise.all(blocks),
  };
}

/** Rows that are there stay: a run's objects never change, so they are the same. */
async function insertBatch(
  client: pg.ClientBase,
  { tenant, jobId, run }: JobRun,
  { items, changePoints, blocks }: Batch,
): Promise<void> {
  const owner = [tenant, jobId, run];
  await client.query(INSERT_ITEMS, [...owner, items]);
  await client.query(INSERT_CHANGE_POINTS, [...owner, changePoints]);
  await client.query(INSERT_BLOCKS, [
    ...owner,
    Buffer.concat(blocks.map(({ packed }) => packed)),
    blocks.map(({ number }) => number),
    startsOf(blocks),
    blocks.map(({ packed }) => packed.length),
  ]);
}

/** Where each block begins when they stand one after the other, counted from 1. */
function startsOf(blocks: readonly Block[]): number[] {
  let next = 1;
  return blocks.map(({ packed }) => {
    const start = next;
    next += packed.length;
    return start;
  });
}

/** Records of a JSON array into a table, under one tenant, job and run. */
function insertRecords(table: string, columns: Readonly<Record<string, string>>): string {
  const typed = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return `
    INSERT INTO ${table} (tenant, job_id, run, ${Object.keys(columns).join(', ')})
    SELECT $1, $2, $3, r.* FROM json_to_recordset($4::json) AS r (${typed.join(', ')})
    ON CONFLICT DO NOTHING`;
}
