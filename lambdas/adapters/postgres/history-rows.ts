import { createHash } from 'node:crypto';
import type pg from 'pg';
import { itemKey } from '../../domain/report/item-key.ts';
import { type HistoryColumns, NO_HISTORY } from '../../domain/totals/history.ts';
import type { ItemSeries } from '../../domain/totals/item-series.ts';
import type { DatasetRef, HistoryItem } from '../../ports/history-store.ts';

/** Arrays come as JSON, which the client reads faster than PostgreSQL's own notation, and exactly. */
export const HISTORY_COLUMNS = `h.key, h.id, array_to_json(h.days) AS days, array_to_json(h.impressions) AS impressions,
  array_to_json(h.clicks) AS clicks, array_to_json(h.spend_micros) AS spend_micros, h.content_hash`;

export interface HistoryRow {
  readonly key: string;
  readonly id: string;
  readonly days: readonly string[];
  readonly impressions: readonly number[];
  readonly clicks: readonly number[];
  readonly spend_micros: readonly (number | null)[];
  readonly content_hash: string;
}

/** An item as it is after an upload. */
export interface HistoryChange {
  readonly id: string;
  readonly columns: HistoryColumns;
  readonly contentHash: string;
}

/** An item as it is known, and what an upload has of it. */
export interface Merge {
  readonly id: string;
  readonly before: HistoryRow | undefined;
  readonly uploaded: HistoryColumns;
}

const NO_ITEM = contentHash(NO_HISTORY);

const UPSERT = `
  INSERT INTO history_items AS known (tenant, dataset_id, version, key, id, content_hash,
    days, impressions, clicks, spend_micros)
  SELECT $1, $2, $3, c.key, c.id, c.content_hash,
    c.days::date[], c.impressions::bigint[], c.clicks::bigint[], c.spend_micros::bigint[]
  FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
    AS c (key, id, content_hash, days, impressions, clicks, spend_micros)
  ON CONFLICT (tenant, dataset_id, key) DO UPDATE SET
    days = EXCLUDED.days, impressions = EXCLUDED.impressions, clicks = EXCLUDED.clicks,
    spend_micros = EXCLUDED.spend_micros, content_hash = EXCLUDED.content_hash,
    version = EXCLUDED.version`;

export function contentHash({ days, impressions, clicks, spendMicros }: HistoryColumns): string {
  const figures = JSON.stringify([days, impressions, clicks, spendMicros]);
  return createHash('sha256').update(figures).digest('hex');
}

export function columnsOf({ days, impressions, clicks, spend_micros }: HistoryRow): HistoryColumns {
  return { days, impressions, clicks, spendMicros: spend_micros };
}

export function uploadedColumns({ days, impressions, clicks, spendMicros }: ItemSeries): HistoryColumns {
  return { days, impressions, clicks, spendMicros: spendMicros ?? days.map(() => null) };
}

/** Spend is known when it is for every day. */
export function historyItem(row: HistoryRow): HistoryItem {
  const { id, days, impressions, clicks, spend_micros, content_hash } = row;
  const spends = spend_micros.filter((spend) => spend !== null);
  const spendMicros = spends.length === days.length ? spends : null;
  return { series: { id, days, impressions, clicks, spendMicros }, contentHash: content_hash };
}

/** Whether an item's figures are others than before; one that is not known yet has none. */
export function isChange({ contentHash: now }: HistoryChange, before: HistoryRow | undefined): boolean {
  return now !== (before?.content_hash ?? NO_ITEM);
}

export async function writeHistory(
  client: pg.ClientBase,
  { tenant, datasetId }: DatasetRef,
  version: number,
  changes: readonly HistoryChange[],
): Promise<void> {
  const arrays = (of: (columns: HistoryColumns) => readonly unknown[]) =>
    changes.map(({ columns }) => `{${of(columns).map((value) => value ?? 'NULL')}}`);
  await client.query(UPSERT, [
    tenant,
    datasetId,
    version,
    changes.map(({ id }) => itemKey(id)),
    changes.map(({ id }) => id),
    changes.map((change) => change.contentHash),
    arrays(({ days }) => days),
    arrays(({ impressions }) => impressions),
    arrays(({ clicks }) => clicks),
    arrays(({ spendMicros }) => spendMicros),
  ]);
}
