import type pg from 'pg';
import type { ResultHead } from '../../ports/result-store.ts';
import { deleteEarlierRuns } from './delete-results.ts';
import { lockJob } from './job-lock.ts';

const AT_RISK = `status IN ('early_fatigue', 'fatigued', 'terminal_decline')`;
const ANALYSED = 'excluded IS NULL';

/** What overviews add up, so that they read one row a job. The order of the columns is that of the insertion. */
const SUMS = {
  creatives_analysed: `count(*) FILTER (WHERE ${ANALYSED})`,
  spend: 'sum(spend)',
  actual_overspend: 'sum(actual_overspend)',
  engagement_gap_clicks: 'sum(engagement_gap_clicks)',
  at_risk_creatives: `count(*) FILTER (WHERE ${AT_RISK})`,
  at_risk_spend: `sum(spend) FILTER (WHERE ${AT_RISK})`,
  replace_creatives: 'count(*) FILTER (WHERE replace)',
  replace_overspend: 'sum(actual_overspend) FILTER (WHERE replace)',
  unknown: `count(*) FILTER (WHERE ${ANALYSED} AND status = 'unknown')`,
  terminal_decline: `count(*) FILTER (WHERE ${ANALYSED} AND status = 'terminal_decline')`,
  fatigued: `count(*) FILTER (WHERE ${ANALYSED} AND status = 'fatigued')`,
  early_fatigue: `count(*) FILTER (WHERE ${ANALYSED} AND status = 'early_fatigue')`,
  healthy: `count(*) FILTER (WHERE ${ANALYSED} AND status = 'healthy')`,
} as const;

const GIVEN = [
  'tenant',
  'job_id',
  'run',
  'result_id',
  'dataset_id',
  'dataset_name',
  'created_at',
  'expires_at',
  'engine_version',
  'currency',
  'parameters',
  'row_counts',
  'totals',
] as const;

const COLUMNS = [...GIVEN, 'items', ...Object.keys(SUMS)];

// In the order of ids, so that sums of money are the same whichever batch came first.
const PUBLISH = `
  INSERT INTO job_results AS published (${COLUMNS.join(', ')})
  SELECT ${GIVEN.map((_, index) => `$${index + 1}`).join(', ')}, count(*), ${Object.values(SUMS).join(', ')}
  FROM (SELECT * FROM items WHERE result_id = $4 ORDER BY id) in_order
  ON CONFLICT (tenant, job_id) DO UPDATE SET ${COLUMNS.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}
  WHERE published.run <= EXCLUDED.run
  RETURNING items`;

/**
 * Shows a run's items to readers, unless a newer run is shown already, and deletes the items of the run that is not shown.
 *
 * @throws Error when not all items of the document are there
 */
export async function publishResult(
  client: pg.ClientBase,
  head: ResultHead,
  resultId: number,
): Promise<'stored' | 'superseded'> {
  const { tenant, jobId, run, dataset, createdAt, expiresAt, document } = head;
  const { engineVersion, currency, parameters, rows: counts, totals } = document;
  await lockJob(client, head);
  const { rows } = await client.query<{ items: number }>(PUBLISH, [
    tenant,
    jobId,
    run,
    resultId,
    dataset.id,
    dataset.name,
    createdAt,
    expiresAt,
    engineVersion,
    currency,
    JSON.stringify(parameters),
    JSON.stringify(counts),
    JSON.stringify(totals),
  ]);
  const published = rows[0];
  if (published === undefined) {
    await deleteEarlierRuns(client, { tenant, jobId, run: run + 1 });
    return 'superseded';
  }
  if (published.items !== totals.items) {
    throw new Error(`${published.items} of ${totals.items} items of ${jobId} were stored.`);
  }
  await deleteEarlierRuns(client, head);
  return 'stored';
}
