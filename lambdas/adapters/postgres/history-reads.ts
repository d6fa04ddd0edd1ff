import type pg from 'pg';
import type { ItemSeries } from '../../domain/totals/item-series.ts';
import type { DatasetRef, HistoryItem, HistorySnapshot } from '../../ports/history-store.ts';
import { BATCH } from './history-changes.ts';
import { HISTORY_COLUMNS, type HistoryRow, historyItem, seriesOfRow } from './history-rows.ts';

const ITEMS = `
  SELECT ${HISTORY_COLUMNS} FROM history_items h
  WHERE h.tenant = $1 AND h.dataset_id = $2 AND h.key > $3 AND h.version > $4 AND h.from_day IS NOT NULL
  ORDER BY h.key LIMIT ${BATCH}`;

const CURRENCIES = `
  SELECT DISTINCT currency FROM history_days WHERE tenant = $1 AND dataset_id = $2 ORDER BY currency`;

type Ask = (text: string, values: readonly unknown[]) => Promise<readonly HistoryRow[]>;

/** The items that have days and changed after a version, by their keys. */
export async function* itemsOf(
  ask: Ask,
  dataset: DatasetRef,
  changedAfter: number,
): AsyncGenerator<HistoryItem> {
  for await (const row of rowsByKey(ask, dataset, changedAfter)) yield historyItem(row);
}

async function* rowsByKey(
  ask: Ask,
  { tenant, datasetId }: DatasetRef,
  changedAfter: number,
): AsyncGenerator<HistoryRow> {
  for (let key = ''; ; ) {
    const rows = await ask(ITEMS, [tenant, datasetId, key, changedAfter]);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    key = last.key;
  }
}

/** A history as a transaction sees it. */
export async function readSnapshot(client: pg.ClientBase, dataset: DatasetRef): Promise<HistorySnapshot> {
  const { tenant, datasetId } = dataset;
  const { rows } = await client.query<{ currency: string | null }>(CURRENCIES, [tenant, datasetId]);
  const currencies = rows.map(({ currency }) => currency).filter((currency) => currency !== null);
  const ask: Ask = async (text, values) => (await client.query<HistoryRow>(text, [...values])).rows;
  return {
    isEmpty: rows.length === 0,
    currencies: currencies.length === rows.length ? currencies : null,
    items: seriesOf(rowsByKey(ask, dataset, 0)),
  };
}

async function* seriesOf(rows: AsyncIterable<HistoryRow>): AsyncGenerator<ItemSeries> {
  for await (const row of rows) yield seriesOfRow(row);
}
