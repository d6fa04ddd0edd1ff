import type { ResultReader, StoredResult } from '../../ports/result-store.ts';
import { listActions } from './action-list.ts';
import type { Database } from './database.ts';
import { itemOfBlock } from './item-blocks.ts';
import { listItems } from './item-list.ts';
import { readOverview } from './overview.ts';

const RESULT_COLUMNS = `r.tenant, r.job_id, r.run, r.dataset_id, r.dataset_name, r.created_at, r.expires_at,
  r.engine_version, r.currency, r.totals`;

const RESULT = `
  SELECT ${RESULT_COLUMNS} FROM job_results r WHERE r.tenant = $1 AND r.job_id = $2 AND r.run >= $3`;

const NEWEST = `
  SELECT DISTINCT ON (r.dataset_id) ${RESULT_COLUMNS} FROM job_results r
  WHERE r.tenant = $1 AND ($2::text[] IS NULL OR r.dataset_id = ANY($2))
  ORDER BY r.dataset_id, r.job_id DESC`;

// One row if there is a result, also where it has no such item.
const ITEM = `
  SELECT b.packed
  FROM job_results r
  LEFT JOIN items i ON i.result_id = r.result_id AND i.key = $4
    AND i.result_id >= results_from($2) AND i.result_id < results_to($2)
  LEFT JOIN item_blocks b ON b.result_id = r.result_id AND b.block = i.block
    AND b.result_id >= results_from($2) AND b.result_id < results_to($2)
  WHERE r.tenant = $1 AND r.job_id = $2 AND r.run >= $3`;

interface ResultRow {
  readonly tenant: string;
  readonly job_id: string;
  readonly run: number;
  readonly dataset_id: string;
  readonly dataset_name: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly engine_version: string;
  readonly currency: string;
  readonly totals: StoredResult['totals'];
}

interface BlockRow {
  readonly packed: Uint8Array | null;
}

const isThere = (rows: readonly unknown[]) => rows.length > 0;

export function createResultReader(database: Database): ResultReader {
  return {
    async result({ tenant, jobId, run }) {
      const query = { text: RESULT, values: [tenant, jobId, run] };
      const [row] = await database.read<ResultRow>(query, isThere);
      return row === undefined ? null : storedResult(row);
    },
    listItems: (run, query) => listItems(database, run, query),
    async item({ tenant, jobId, run }, key) {
      const query = { text: ITEM, values: [tenant, jobId, run, key] };
      const [row] = await database.read<BlockRow>(query, isThere);
      return row === undefined || row.packed === null ? null : itemOfBlock(row.packed, key);
    },
    async newestResults(tenant, datasetIds) {
      const rows = await database.read<ResultRow>({ text: NEWEST, values: [tenant, datasetIds] }, () => true);
      return rows.map(storedResult).sort((a, b) => (a.jobId < b.jobId ? 1 : -1));
    },
    overview: (tenant, jobs) => readOverview(database, tenant, jobs),
    listActions: (tenant, jobs, query) => listActions(database, tenant, jobs, query),
    ping: () => database.ping(),
  };
}

function storedResult(row: ResultRow): StoredResult {
  return {
    tenant: row.tenant,
    jobId: row.job_id,
    run: row.run,
    dataset: { id: row.dataset_id, name: row.dataset_name },
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    engineVersion: row.engine_version,
    currency: row.currency,
    totals: row.totals,
  };
}
