import type pg from 'pg';

/** The tables of results. */
export const TABLES = ['stored_runs', 'job_results', 'items', 'item_blocks', 'change_points'] as const;

/** Every row there is of results, as text and in order: under tenant, job and run, whichever number those have. */
export async function everything(owner: pg.Client): Promise<string[]> {
  const rows: string[] = [];
  for (const table of TABLES) {
    const found = await owner.query(`
      SELECT '${table}' || (s.tenant, s.job_id, s.run)::text || (to_jsonb(t) - 'result_id')::text AS row
      FROM ${table} t LEFT JOIN stored_runs s USING (result_id) ORDER BY 1`);
    rows.push(...found.rows.map(({ row }) => row));
  }
  return rows;
}
