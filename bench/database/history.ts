import { join } from 'node:path';
import type pg from 'pg';
import type { Database } from '../../lambdas/adapters/postgres/database.ts';
import { createPostgresHistoryStore } from '../../lambdas/adapters/postgres/history-store.ts';
import type { ItemSeries } from '../../lambdas/domain/totals/item-series.ts';
import type { HistoryUpload } from '../../lambdas/ports/history-store.ts';
import type { BenchRow } from '../row.ts';
import { type BenchResult, streamed } from './result.ts';
import { seconds } from './seconds.ts';

const ROUNDS = 3;
/** How many times as long as `COPY` an addition may take, which reads, merges and packs what `COPY` is given. */
const MOST_RATIO = 25;

/** A history with a row for each day of each item, which is not what the store has: its peer in size. */
const ROWS_TABLE = `
  CREATE TABLE history_rows (
    tenant text COLLATE "C", dataset_id text COLLATE "C", key text COLLATE "C", day date,
    impressions bigint, clicks bigint, spend_micros bigint, PRIMARY KEY (tenant, dataset_id, key, day)
  )`;
const INTO_ROWS = `
  INSERT INTO history_rows SELECT $1, $2, i.key, d.*
  FROM unnest($3::text[]) AS i (key), unnest($4::date[], $5::bigint[], $6::bigint[], $7::bigint[]) AS d`;

/** Adding uploads to a history, beside the server's `COPY` of the same rows: all days, and then one more day for all. */
export async function historyRows(
  database: Database,
  owner: pg.Client,
  { head: { tenant, jobId, dataset, document }, series }: BenchResult,
): Promise<BenchRow[]> {
  const history = createPostgresHistoryStore(database);
  const upload = { tenant, datasetId: dataset.id, jobId, currency: document.currency };
  const nextDay = series.map(({ id }) => {
    return { id, days: ['2100-12-31'], impressions: [1], clicks: [1], spendMicros: [1] };
  });
  const all: number[] = [];
  const copies: number[] = [];
  const next: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await history.deleteTenant(tenant);
    all.push(await seconds(() => history.add(upload, () => streamed(series))));
    copies.push(await copySeconds(owner));
    next.push(await seconds(() => history.add(upload, () => streamed(nextDay))));
  }
  const copy = Math.min(...copies);
  return [
    row('history: all days', Math.min(...all), copy),
    row('history: one more day', Math.min(...next), copy),
    await sizeRow(owner, upload, series),
  ];
}

function row(name: string, value: number, copy: number): BenchRow {
  const ratio = value / copy;
  const target = `≤ ${MOST_RATIO}`;
  return { name, value, unit: 's', peer: 'COPY of its rows', ratio, target, met: ratio <= MOST_RATIO };
}

/** The history's rows again, out of a file and into a table like its own: what rows and index cost by themselves. */
async function copySeconds(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ directory: string }>(
    `SELECT current_setting('data_directory') AS directory`,
  );
  const file = join(rows[0]?.directory ?? '', 'history.copy');
  await owner.query('CREATE TABLE history_copy (LIKE history_items INCLUDING ALL)');
  await owner.query(`COPY (SELECT * FROM history_items) TO '${file}' (FORMAT binary)`);
  const taken = await seconds(() => owner.query(`COPY history_copy FROM '${file}' (FORMAT binary)`));
  await owner.query('DROP TABLE history_copy');
  return taken;
}

async function sizeRow(
  owner: pg.Client,
  { tenant, datasetId }: HistoryUpload,
  series: readonly ItemSeries[],
): Promise<BenchRow> {
  await owner.query(ROWS_TABLE);
  await owner.query('VACUUM FULL history_items');
  for (const { id, days, impressions, clicks, spendMicros } of series) {
    await owner.query(INTO_ROWS, [tenant, datasetId, [id], days, impressions, clicks, spendMicros]);
  }
  const packed = await bytesOf(owner, 'history_items');
  const ratio = packed / (await bytesOf(owner, 'history_rows'));
  return {
    name: 'history: size',
    value: packed / 1e6,
    unit: 'MB',
    peer: 'a row a day',
    ratio,
    target: '≤ 0.2',
    met: ratio <= 0.2,
  };
}
async function bytesOf(owner: pg.Client, table: string): Promise<number> {
  const { rows } = await owner.query<{ bytes: string }>(
    `SELECT sum(pg_total_relation_size(relid)) AS bytes FROM pg_partition_tree($1::text::regclass)`,
    [table],
  );
  if (rows[0]?.bytes !== null) return Number(rows[0]?.bytes);
  const plain = await owner.query<{ bytes: string }>(
    'SELECT pg_total_relation_size($1::text::regclass) AS bytes',
    [table],
  );
  return Number(plain.rows[0]?.bytes);
}
