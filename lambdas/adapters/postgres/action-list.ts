import type { JobRun } from '../../contracts/object-keys.ts';
import type { Action } from '../../domain/report/action.ts';
import type { ActionItem, ActionPage, ActionQuery } from '../../ports/result-store.ts';
import type { Database, Query } from './database.ts';
import { CHANGE_POINTS_OF_PAGE, type ListedRow } from './item-list.ts';
import { itemSummary } from './item-rows.ts';
import { Parameters } from './parameters.ts';
import { type PageStart, pageOrder, sortedPage } from './sorted-page.ts';

const BY_RISK = { column: 'risk_score', descending: true } as const;

interface ActionRow extends ListedRow {
  readonly action: Action;
  readonly job_id: string;
  readonly dataset_id: string;
  readonly dataset_name: string;
  readonly currency: string;
}

/** The columns of an item are null in the one row of a page without items. */
type PageRow = (ActionRow | { readonly [Column in keyof ActionRow]: null }) & {
  /** How many of the jobs have results. */
  readonly jobs: number;
  readonly total: number;
};

/** A page of what is to be done about the creatives of some jobs. */
export async function listActions(
  database: Database,
  tenant: string,
  jobs: readonly JobRun[],
  query: ActionQuery,
): Promise<ActionPage> {
  const statement = actionsQuery(tenant, jobs, query);
  const rows = await database.read<PageRow>(statement, ([row]) => row?.jobs === jobs.length);
  const listed = rows.filter(isListed);
  const items = listed.slice(0, query.limit).map(actionItem);
  const last = listed.length > query.limit ? items.at(-1) : undefined;
  return {
    items,
    next: last === undefined ? null : { riskScore: last.riskScore, id: last.id, jobId: last.jobId },
    total: rows[0]?.total ?? 0,
  };
}

function isListed(row: PageRow): row is ActionRow & Pick<PageRow, 'jobs' | 'total'> {
  return row.key !== null;
}

function actionItem(row: ActionRow): ActionItem {
  return {
    ...itemSummary(row, row.change_points),
    action: row.action,
    jobId: row.job_id,
    dataset: { id: row.dataset_id, name: row.dataset_name },
    currency: row.currency,
  };
}

/** The statement for a page: of each job as many items as the page may take, and of these the first. */
export function actionsQuery(
  tenant: string,
  jobs: readonly JobRun[],
  { actions, after, limit: most }: ActionQuery,
): Query {
  const parameters = new Parameters();
  const ofTenant = parameters.add(tenant);
  const ids = parameters.add(jobs.map(({ jobId }) => jobId));
  const runs = parameters.add(jobs.map(({ run }) => run));
  const limit = parameters.add(most + 1);
  const wanted = actions.length === 0 ? '' : ` AND i.action = ANY(${parameters.add(actions)}::text[])`;
  const scope = `i.result_id = s.result_id AND i.action IS NOT NULL${wanted}`;
  const page = sortedPage(scope, BY_RISK, startOf(after, parameters), limit, parameters);
  const order = `${pageOrder(BY_RISK)}, job_id`;
  return {
    text: `
      WITH shown AS (
        SELECT r.job_id, r.result_id, r.dataset_id, r.dataset_name, r.currency
        FROM unnest(${ids}::text[], ${runs}::integer[]) AS j (job_id, run)
        JOIN job_results r ON r.tenant = ${ofTenant} AND r.job_id = j.job_id AND r.run >= j.run
      ), page AS (
        SELECT page.*, s.job_id, s.dataset_id, s.dataset_name, s.currency
        FROM shown s CROSS JOIN LATERAL (${page}) page ORDER BY ${order} LIMIT ${limit}
      )
      SELECT page.*, ${CHANGE_POINTS_OF_PAGE}, counted.jobs, counted.total
      FROM (
        SELECT count(*) AS jobs, coalesce(sum((SELECT count(*) FROM items i WHERE ${scope})), 0)::bigint AS total
        FROM shown s
      ) counted LEFT JOIN page ON true ORDER BY ${order}`,
    values: parameters.values,
  };
}

function startOf(after: ActionQuery['after'], parameters: Parameters): PageStart | null {
  if (after === null) return null;
  const [id, jobId] = [parameters.add(after.id), parameters.add(after.jobId)];
  return { value: after.riskScore, tie: `i.id >= ${id} AND (i.id > ${id} OR s.job_id > ${jobId})` };
}
