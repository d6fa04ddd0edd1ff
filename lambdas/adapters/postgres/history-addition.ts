import type pg from 'pg';
import { formatDay } from '../../domain/observation/day.ts';
import { itemKey } from '../../domain/report/item-key.ts';
import type { HistoryColumns } from '../../domain/totals/history.ts';
import type { ItemSeries } from '../../domain/totals/item-series.ts';
import type { HistoryAddition, HistoryUpload } from '../../ports/history-store.ts';
import { batchesOf } from './batches.ts';
import {
  BATCH,
  clearDays,
  type HistoryEdit,
  lockVersion,
  mergeItems,
  rowsOf,
  setVersion,
} from './history-changes.ts';
import { dayOf, uploadedColumns } from './history-rows.ts';

/** Items of more days than this weigh more than one in a batch, so that its memory has a bound. */
const USUAL_DAYS = 400;

const CLAIM_DAYS = `
  INSERT INTO history_days AS known (tenant, dataset_id, day, job_id, currency)
  SELECT $1, $2, d.day, $3, $5 FROM unnest($4::date[]) AS d (day)
  ON CONFLICT (tenant, dataset_id, day) DO UPDATE SET job_id = EXCLUDED.job_id, currency = EXCLUDED.currency
  WHERE known.job_id <= EXCLUDED.job_id
  RETURNING day`;

interface UploadedItem {
  readonly key: string;
  readonly id: string;
  readonly columns: HistoryColumns;
}

/**
 * Adds an upload to a history in one pass over its items. A day is claimed with the first batch that has it; items of
 * batches before do not have it, or it would have been claimed with theirs, so it is taken from them at the end, together
 * with the days of all items that the upload does not have.
 */
export async function addUpload(
  client: pg.ClientBase,
  upload: HistoryUpload,
  series: AsyncIterable<ItemSeries>,
): Promise<HistoryAddition> {
  const { tenant, datasetId } = upload;
  const known = await lockVersion(client, upload);
  const edit = { tenant, datasetId, version: known + 1 };
  const days = new ClaimedDays(client, upload);
  const changed = new Set<string>();
  const weigh = ({ columns }: UploadedItem) => Math.max(1, columns.days.length / USUAL_DAYS);
  for await (const items of batchesOf(uploadedItems(series), BATCH, weigh)) {
    await days.claim(items);
    for (const id of await addItems(client, edit, items, days.own)) changed.add(id);
  }
  for (const id of await clearDays(client, edit, days.own, (key) => days.leftOf(key))) changed.add(id);
  if (changed.size === 0) return { version: known, changed: 0 };
  await setVersion(client, edit);
  return { version: edit.version, changed: changed.size };
}

/** Items as columns, which take a third of the memory of what they are parsed from. */
async function* uploadedItems(series: AsyncIterable<ItemSeries>): AsyncGenerator<UploadedItem> {
  for await (const item of series) {
    yield { key: itemKey(item.id), id: item.id, columns: uploadedColumns(item) };
  }
}

async function addItems(
  client: pg.ClientBase,
  edit: HistoryEdit,
  items: readonly UploadedItem[],
  replaced: ReadonlySet<number>,
): Promise<string[]> {
  const keys = items.map(({ key }) => key);
  const known = await rowsOf(client, edit, keys);
  const merges = items.map(({ key, id, columns }) => {
    return { id, before: known.get(key), uploaded: columns, replaced };
  });
  return mergeItems(client, edit, merges);
}

/** The days of an upload as its items come. */
class ClaimedDays {
  /** Those that no later upload has, in the order in which they were claimed. */
  readonly own = new Set<number>();
  readonly #client: pg.ClientBase;
  readonly #upload: HistoryUpload;
  readonly #asked = new Set<number>();
  /** By item, how many days were claimed when it was written. */
  readonly #written = new Map<string, number>();
  readonly #since = new Map<number, ReadonlySet<number>>();

  constructor(client: pg.ClientBase, upload: HistoryUpload) {
    this.#client = client;
    this.#upload = upload;
  }

  /** Claims the days of items that are about to be written, if they are not yet. */
  async claim(items: readonly UploadedItem[]): Promise<void> {
    const days: string[] = [];
    for (const { columns } of items) {
      for (const day of columns.days) {
        if (this.#asked.has(day)) continue;
        this.#asked.add(day);
        days.push(formatDay(day));
      }
    }
    if (days.length > 0) await this.#ask(days);
    for (const { key } of items) this.#written.set(key, this.own.size);
  }

  /** The days still to be taken from an item; null for none. */
  leftOf(key: string): ReadonlySet<number> | null {
    const from = this.#written.get(key) ?? 0;
    if (from === this.own.size) return null;
    const left = this.#since.get(from) ?? new Set([...this.own].slice(from));
    this.#since.set(from, left);
    return left;
  }

  async #ask(days: readonly string[]): Promise<void> {
    const { tenant, datasetId, jobId, currency } = this.#upload;
    const values = [tenant, datasetId, jobId, days, currency];
    const { rows } = await this.#client.query<{ day: string }>(CLAIM_DAYS, values);
    for (const { day } of rows) this.own.add(dayOf(day));
  }
}
