/**
 * The database of results: `node bench/database.ts [--jobs 100]`, or as part of `npm run bench`. Storing 10,000 creatives
 * of 90 days beside the server's own copying of the same rows, a history as arrays beside one row a day, and pages out
 * of a million items.
 */
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { createDatabase, type Database } from '../lambdas/adapters/postgres/database.ts';
import { pageQuery } from '../lambdas/adapters/postgres/item-list.ts';
import { migrate } from '../lambdas/adapters/postgres/migrate.ts';
import { MIGRATIONS } from '../lambdas/adapters/postgres/migrations/index.ts';
import { createResultWriter } from '../lambdas/adapters/postgres/result-writer.ts';
import { ITEM_SORTS } from '../lambdas/contracts/item-list.ts';
import { fillItems } from '../test/database/plans.ts';
import { type PostgresCluster, startPostgres } from '../test/database/postgres.ts';
import { historyRows } from './database/history.ts';
import { type BenchResult, benchResult, streamed } from './database/result.ts';
import { seconds } from './database/seconds.ts';
import { type BenchRow, printRows } from './row.ts';

const ITEMS = 10_000;
const DAYS = 90;
const ROUNDS = 5;
const PAGES = 50;
const MOST_SECONDS = 1;
const MOST_PAGE_MS = 20;
const NO_FILTER = {
  statuses: [],
  replace: null,
  excluded: null,
  minSpend: null,
  minOverspend: null,
  changed: null,
  from: null,
  q: null,
} as const;

/** Everything about the database; the server is made for it and goes with it. */
export async function databaseBench({ jobs = 100 } = {}): Promise<BenchRow[]> {
  const cluster = await startPostgres();
  const owner = await cluster.primary.connect();
  const database = connectTo(cluster);
  try {
    await migrate(owner, MIGRATIONS);
    const result = benchResult(ITEMS, DAYS);
    return [
      ...(await storeRows(database, owner, result)),
      ...(await historyRows(database, owner, result)),
      ...(await pageRows(owner, jobs)),
    ];
  } finally {
    await database.end();
    await owner.end();
    await cluster.stop();
  }
}

function connectTo({ primary }: PostgresCluster): Database {
  return createDatabase(
    {
      DB_HOST: '127.0.0.1',
      DB_READER_HOST: '127.0.0.1',
      DB_PORT: primary.port,
      DB_NAME: 'postgres',
      DB_USER: 'writer',
      DB_AUTH: 'password',
    },
    'bench',
  );
}

async function storeRows(database: Database, owner: pg.Client, result: BenchResult): Promise<BenchRow[]> {
  const writer = createResultWriter(database);
  const stores: number[] = [];
  const copies: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await writer.deleteJob(result.head);
    stores.push(await seconds(() => writer.store(result.head, streamed(result.items))));
    copies.push(await copySeconds(owner, result));
  }
  const best = Math.min(...stores);
  return [
    {
      name: `${ITEMS.toLocaleString('en-GB')} creatives of ${DAYS} days stored`,
      value: best,
      unit: 's',
      peer: 'copying the rows in the server',
      ratio: best / Math.min(...copies),
      target: `≤ ${MOST_SECONDS} s`,
      met: best <= MOST_SECONDS,
    },
  ];
}

/** The same rows again under another number, from table to table: what rows and indexes cost the server by themselves. */
async function copySeconds(owner: pg.Client, { head: { tenant, jobId } }: BenchResult): Promise<number> {
  const result = '(SELECT result_id FROM job_results WHERE tenant = $1 AND job_id = $2)';
  let sum = 0;
  for (const table of ['items', 'item_blocks', 'change_points']) {
    const { rows } = await owner.query<{ names: string }>(
      `SELECT string_agg(column_name, ', ') AS names FROM information_schema.columns
       WHERE table_name = $1 AND column_name <> 'result_id'`,
      [table],
    );
    const names = rows[0]?.names ?? '';
    const copy = `
      INSERT INTO ${table} (result_id, ${names})
      SELECT result_id + 1, ${names} FROM ${table} WHERE result_id = ${result}`;
    sum += await seconds(() => owner.query(copy, [tenant, jobId]));
    await owner.query(`DELETE FROM ${table} WHERE result_id = ${result} + 1`, [tenant, jobId]);
  }
  return sum;
}

/** First pages of jobs at random, by each sort, out of all items that there are. */
async function pageRows(owner: pg.Client, jobs: number): Promise<BenchRow[]> {
  const filled = await fillItems(owner, { jobs, items: ITEMS });
  const rows: BenchRow[] = [];
  for (const sort of ITEM_SORTS) {
    const times: number[] = [];
    for (let page = 0; page < PAGES; page++) {
      const job = filled[(page * 37) % filled.length];
      if (job === undefined) throw new RangeError('There are no jobs.');
      const query = { filter: NO_FILTER, sort, descending: true, after: null, limit: 50 };
      const { text, values } = pageQuery(job, query);
      times.push(await seconds(() => owner.query(text, [...values])));
    }
    const median = 1000 * (times.sort((a, b) => a - b)[PAGES / 2] ?? 0);
    rows.push({
      name: `a page by ${sort} out of ${(jobs * ITEMS).toLocaleString('en-GB')} items`,
      value: median,
      unit: 'ms',
      target: `≤ ${MOST_PAGE_MS} ms`,
      met: median <= MOST_PAGE_MS,
    });
  }
  return rows;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { jobs: { type: 'string', default: '100' } } });
  printRows('The database of results', await databaseBench({ jobs: Number(values.jobs) }));
}
