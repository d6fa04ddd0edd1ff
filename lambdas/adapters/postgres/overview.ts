import type { JobRun } from '../../contracts/object-keys.ts';
import type { FatigueStatus } from '../../domain/report/document.ts';
import type { CurrencyOverview, Overview } from '../../ports/result-store.ts';
import type { Database } from './database.ts';

interface OverviewRow extends Readonly<Record<FatigueStatus, number>> {
  readonly currency: string;
  readonly job_ids: readonly string[];
  readonly creatives_analysed: number;
  readonly spend: number | null;
  readonly actual_overspend: number | null;
  readonly engagement_gap_clicks: number | null;
  readonly at_risk_creatives: number;
  readonly at_risk_spend: number | null;
  readonly replace_creatives: number;
  readonly replace_overspend: number | null;
}

const SUMMED = [
  'creatives_analysed',
  'spend',
  'actual_overspend',
  'engagement_gap_clicks',
  'at_risk_creatives',
  'at_risk_spend',
  'replace_creatives',
  'replace_overspend',
  'unknown',
  'terminal_decline',
  'fatigued',
  'early_fatigue',
  'healthy',
] as const;

// In the order of jobs, so that sums of money are the same each time.
const OVERVIEW = `
  SELECT r.currency, array_agg(r.job_id) AS job_ids,
    ${SUMMED.map((column) => `sum(r.${column} ORDER BY r.job_id) AS ${column}`).join(', ')}
  FROM unnest($2::text[], $3::integer[]) AS j (job_id, run)
  JOIN job_results r ON r.tenant = $1 AND r.job_id = j.job_id AND r.run >= j.run
  GROUP BY r.currency ORDER BY r.currency COLLATE "C"`;

/** Sums over the results of some jobs, each of which knows its own. */
export async function readOverview(
  database: Database,
  tenant: string,
  jobs: readonly JobRun[],
): Promise<Overview> {
  const values = [tenant, jobs.map(({ jobId }) => jobId), jobs.map(({ run }) => run)];
  const found = (rows: readonly OverviewRow[]) => new Set(rows.flatMap(({ job_ids }) => job_ids));
  const rows = await database.read<OverviewRow>(
    { text: OVERVIEW, values },
    (answered) => found(answered).size === jobs.length,
  );
  const there = found(rows);
  return {
    byCurrency: rows.map(currencyOverview),
    missing: jobs.map(({ jobId }) => jobId).filter((jobId) => !there.has(jobId)),
  };
}

function currencyOverview(row: OverviewRow): CurrencyOverview {
  const { unknown, terminal_decline, fatigued, early_fatigue, healthy } = row;
  return {
    currency: row.currency,
    creativesAnalysed: row.creatives_analysed,
    spend: row.spend,
    actualOverspend: row.actual_overspend,
    engagementGapClicks: row.engagement_gap_clicks,
    atRisk: { creatives: row.at_risk_creatives, spend: row.at_risk_spend },
    replaceNow: { creatives: row.replace_creatives, actualOverspend: row.replace_overspend },
    statuses: { unknown, terminal_decline, fatigued, early_fatigue, healthy },
  };
}
