import type { HistoryStore } from '../../ports/history-store.ts';
import type { Database } from './database.ts';
import { addUpload } from './history-addition.ts';
import { deleteUploads, historiesOf, removeHistories } from './history-deletion.ts';
import { itemsOf, readSnapshot } from './history-reads.ts';
import type { HistoryRow } from './history-rows.ts';

/** Histories in PostgreSQL. All reads go to the writer: an analysis must not miss the upload that it is made for. */
export function createPostgresHistoryStore(database: Database): HistoryStore {
  const ask = async (text: string, values: readonly unknown[]) => {
    const { rows } = await database.write((client) => client.query<HistoryRow>(text, [...values]));
    return rows;
  };
  return {
    add: (upload, series) => database.write((client) => addUpload(client, upload, series())),
    items: (dataset, changedAfter) => itemsOf(ask, dataset, changedAfter),
    snapshot: (dataset, use) => database.snapshot(async (client) => use(await readSnapshot(client, dataset))),
    deleteUploads: (dataset, uploads) => database.write((client) => deleteUploads(client, dataset, uploads)),
    async deleteTenant(tenant, most) {
      const datasetIds = await database.write((client) => historiesOf(client, tenant, most));
      for (const datasetId of datasetIds)
        await database.write((client) => removeHistories(client, tenant, datasetId));
      return datasetIds.length;
    },
  };
}
