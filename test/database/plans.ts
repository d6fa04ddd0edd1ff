import type pg from 'pg';
import type { Query } from '../../lambdas/adapters/postgres/database.ts';
import type { JobRun } from '../../lambdas/contracts/object-keys.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';

const TIME = Date.UTC(2026, 0, 1, 12);
const PERIOD_MS = 32 ** 6;

/** Published results with items of made-up figures, half of them in another partition; every third is another tenant's. */
export async function fillItems(
  owner: pg.Client,
  size: { readonly jobs: number; readonly items: number },
): Promise<JobRun[]> {
  const jobs = Array.from({ length: size.jobs }, (_, index) => ({
    tenant: index % 3 === 0 ? 'beta' : 'acme',
    jobId: jobIdOf(TIME + index + (index % 2) * PERIOD_MS, `fill ${index}`),
    run: 1,
  }));
  for (const { tenant, jobId, run } of jobs) {
    const begun = await owner.query('SELECT begin_result($1, $2, $3) AS id', [tenant, jobId, run]);
    const { id } = begun.rows[0];
    await owner.query(FILL, [id, size.items]);
    await owner.query(PUBLISH, [tenant, jobId, run, id, size.items]);
  }
  await owner.query('VACUUM ANALYZE items, job_results');
  return jobs;
}

// A tenth without figures, spend in steps so that 40 items share one, every twentieth to be acted on.
const FILL = `
  INSERT INTO items (result_id, key, block, id, search_name, status, risk_score, health_score, impressions, clicks,
    spend, days, actual_overspend, engagement_gap_clicks, ctr_trend, replace, action, has_cpc, rationale)
  SELECT $1, 'itm_' || left(md5(n::text), 22), 0, 'item ' || n, 'item ' || n,
    CASE WHEN n % 20 = 0 THEN 'fatigued' ELSE 'healthy' END, figure, figure, n, n,
    n / 40 * 10.0, 90, figure * 100, round(figure * 1000), 'Stable', n % 20 = 0,
    CASE WHEN n % 20 = 0 THEN 'replace' END, true, repeat('because ', 15)
  FROM generate_series(1, $2::integer) AS n,
    LATERAL (SELECT CASE WHEN n % 10 <> 0 THEN (n::bigint * 7919 % 10007) / 10007.0 END AS figure) f`;

const PUBLISH = `
  INSERT INTO job_results SELECT $1, $2, $3, $4, 'spring', 'Spring', now(), now() + interval '30 days', '1', 'GBP', '{}', '{}',
    '{}', $5, $5, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, $5`;

/** A step of a plan that reads a table. */
export interface PlanNode {
  readonly type: string;
  readonly relation: string;
  readonly index: string;
  /** Rows that it read, those included that it did not pass on. */
  readonly rows: number;
}

interface ExplainedNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly ExplainedNode[];
}

/** The steps that read tables, as they were when the query was run. */
export async function planOf(client: pg.Client, { text, values }: Query): Promise<PlanNode[]> {
  const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [...values]);
  const flatten = (node: ExplainedNode): ExplainedNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];
  const root: ExplainedNode = rows[0]['QUERY PLAN'][0].Plan;
  return flatten(root)
    .filter((node) => node['Relation Name'] !== undefined && (node['Actual Loops'] ?? 0) > 0)
    .map((node) => ({
      type: node['Node Type'],
      relation: node['Relation Name'] ?? '',
      index: node['Index Name'] ?? '',
      rows:
        ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 0),
    }));
}

export function planRows(nodes: readonly PlanNode[]): number {
  return nodes.reduce((sum, { rows }) => sum + rows, 0);
}
