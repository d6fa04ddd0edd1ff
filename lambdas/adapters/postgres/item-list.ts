import type { ItemSort } from '../../contracts/item-list.ts';
import type { JobRun } from '../../contracts/object-keys.ts';
import type { ChangeMark, ItemFilter, ItemPage, ItemPosition, ItemQuery } from '../../ports/result-store.ts';
import type { Database, Query } from './database.ts';
import { type ItemRow, itemSummary, searchName } from './item-rows.ts';
import { Parameters } from './parameters.ts';
import { type PageOrder, pageById, pageOrder, sortedPage } from './sorted-page.ts';

const COLUMN_OF = {
  riskScore: 'risk_score',
  spend: 'spend',
  actualOverspend: 'actual_overspend',
  engagementGapClicks: 'engagement_gap_clicks',
  healthScore: 'health_score',
} as const satisfies Record<Exclude<ItemSort, 'id'>, string>;

/** The change points of an item of `page`, as JSON. */
export const CHANGE_POINTS_OF_PAGE = `(
  SELECT coalesce(json_agg(json_build_object('metric', c.metric, 'day', c.day, 'onsetDay', c.onset_day,
    'direction', c.direction) ORDER BY c.metric DESC, c.number), '[]')
  FROM change_points c
  WHERE c.result_id = page.result_id AND c.key = page.key
) AS change_points`;

export interface ListedRow extends ItemRow {
  readonly change_points: readonly ChangeMark[];
}

/** The columns of an item are null in the one row of a page without items. */
type PageRow = (ListedRow | { readonly [Column in keyof ListedRow]: null }) & { readonly total: number };

/** A page of a job's items; null when neither reader nor writer has a result of the run or a later one. */
export async function listItems(database: Database, run: JobRun, query: ItemQuery): Promise<ItemPage | null> {
  const rows = await database.read<PageRow>(pageQuery(run, query), (found) => found.length > 0);
  const [first] = rows;
  if (first === undefined) return null;
  const listed = rows.filter(isListed);
  const items = listed.slice(0, query.limit);
  const last = listed.length > query.limit ? items.at(-1) : undefined;
  return {
    items: items.map((row) => itemSummary(row, row.change_points)),
    next: last === undefined ? null : positionOf(last, query.sort),
    total: first.total,
  };
}

function isListed(row: PageRow): row is ListedRow & { readonly total: number } {
  return row.key !== null;
}

function positionOf(row: ItemRow, sort: ItemSort): ItemPosition {
  return { id: row.id, value: sort === 'id' ? null : row[COLUMN_OF[sort]] };
}

/** The statement for a page: one row for each item, and one more item than asked for where there are more. */
export function pageQuery({ tenant, jobId, run }: JobRun, query: ItemQuery): Query {
  const { filter, sort, descending, after } = query;
  const parameters = new Parameters();
  const [ofTenant, ofJob] = [parameters.add(tenant), parameters.add(jobId)];
  const shown = `r.tenant = ${ofTenant} AND r.job_id = ${ofJob} AND r.run >= ${parameters.add(run)}`;
  // The bounds name the partition while the statement is planned.
  const ofResult = `i.result_id = r.result_id AND i.result_id >= results_from(${ofJob}) AND i.result_id < results_to(${ofJob})`;
  const passes = filterConditions(filter, parameters);
  const scope = [ofResult, ...passes].join(' AND ');
  const total = passes.length === 0 ? 'r.items' : `(SELECT count(*) FROM items i WHERE ${scope})`;
  const limit = parameters.add(query.limit + 1);
  const tie = after === null ? null : parameters.add(after.id);
  const order: PageOrder =
    sort === 'id' ? { column: 'id', descending } : { column: COLUMN_OF[sort], descending };
  const page =
    sort === 'id'
      ? pageById(scope, descending, tie, limit)
      : sortedPage(
          scope,
          order,
          after === null ? null : { value: after.value, tie: `i.id > ${tie}` },
          limit,
          parameters,
        );
  return {
    // Materialised, because the total would be counted again for every item of the page.
    text: `
      WITH shown AS MATERIALIZED (SELECT r.result_id, ${total} AS total FROM job_results r WHERE ${shown})
      SELECT page.*, ${CHANGE_POINTS_OF_PAGE}, r.total
      FROM shown r LEFT JOIN LATERAL (${page}) page ON true
      ORDER BY ${pageOrder(order)} LIMIT ${limit}`,
    values: parameters.values,
  };
}

/** Conditions of those members of a filter that ask for something. */
function filterConditions(filter: ItemFilter, parameters: Parameters): string[] {
  const { statuses, replace, excluded, minSpend, minOverspend, changed, from, q } = filter;
  const conditions: string[] = [];
  const where = (value: unknown, condition: (placeholder: string) => string) => {
    if (value !== null) conditions.push(condition(parameters.add(value)));
  };
  where(statuses.length === 0 ? null : statuses, ($) => `i.status = ANY(${$}::text[])`);
  where(replace, ($) => `i.replace = ${$}`);
  where(excluded, ($) => `(i.excluded IS NOT NULL) = ${$}`);
  where(minSpend, ($) => `i.spend >= ${$}`);
  where(minOverspend, ($) => `i.actual_overspend >= ${$}`);
  where(changed, ($) => `i.change_direction = ${$}`);
  where(from, ($) => `i.changed_on >= ${$}`);
  where(q === null ? null : searchName(q), ($) => `strpos(i.search_name, ${$}) > 0`);
  return conditions;
}
