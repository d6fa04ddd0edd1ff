import type pg from 'pg';

/** The tables of results. */
export const TABLES = ['job_results', 'items', 'item_blocks', 'change_points'] as const;

/** Every row there is of results, as text and in order. */
export async function everything(owner: pg.Client): Promise<string[]> {
  const rows: string[] = [];
  for (const table of TABLES) {
    const found = await owner.query(`SELECT '${table}' || t::text AS row FROM ${table} t ORDER BY 1`);
    rows.push(...found.rows.map(({ row }) => row));
  }
  return rows;
}
