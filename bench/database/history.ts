import type pg from 'pg';
import type { Database } from '../../lambdas/adapters/postgres/database.ts';
import { createPostgresHistoryStore } from '../../lambdas/adapters/postgres/history-store.ts';
import type { BenchRow } from '../row.ts';
import { type BenchResult, streamed } from './result.ts';
import { seconds } from './seconds.ts';

/** A history with a row for each day of each item, which is not what the store has: its peer. */
const ROWS_TABLE = `
  CREATE TABLE history_rows (
    tenant text COLLATE "C", dataset_id text COLLATE "C", key text COLLATE "C", day date,
    impressions bigint, clicks bigint, spend_micros bigint, PRIMARY KEY (tenant, dataset_id, key, day)
  )`;
const INTO_ROWS = `
  INSERT INTO history_rows SELECT h.tenant, h.dataset_id, h.key, d.*
  FROM history_items h, unnest(h.days, h.impressions, h.clicks, h.spend_micros) AS d
  WHERE h.tenant = $1`;

/** Adding uploads to a history: all days, and then one more day for all. */
export async function historyRows(
  database: Database,
  owner: pg.Client,
  { head: { tenant, jobId, dataset, document }, series }: BenchResult,
): Promise<BenchRow[]> {
  const history = createPostgresHistoryStore(database);
  const upload = { tenant, datasetId: dataset.id, jobId, currency: document.currency };
  const all = await seconds(() => history.add(upload, () => streamed(series)));
  const nextDay = series.map((one) => ({
    id: one.id,
    days: ['2026-12-31'],
    impressions: [1],
    clicks: [1],
    spendMicros: [1],
  }));
  const next = await seconds(() => history.add(upload, () => streamed(nextDay)));
  await owner.query(ROWS_TABLE);
  const rows = await seconds(() => owner.query(INTO_ROWS, [tenant]));
  const arrays = await bytesOf(owner, 'history_items');
  const ofRows = await bytesOf(owner, 'history_rows');
  return [
    {
      name: 'history: all days',
      value: all,
      unit: 's',
      peer: 'the insertion of a row a day, in the server alone',
      ratio: all / rows,
    },
    { name: 'history: one more day', value: next, unit: 's' },
    {
      name: 'history: size',
      value: arrays / 1e6,
      unit: 'MB',
      peer: 'a row a day',
      ratio: arrays / ofRows,
      target: '≤ 0.5',
      met: arrays / ofRows <= 0.5,
    },
  ];
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
