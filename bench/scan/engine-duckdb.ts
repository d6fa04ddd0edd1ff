/** DuckDB on one thread: `node engine-duckdb.mjs FILE [digest]`. */
import { DuckDBInstance } from '@duckdb/node-api';
import { GroupDigest, report } from './measured.ts';

/** Every column typed and nothing to be sniffed, which is the fastest way; sums come out exact. */
const read = (
  path: string,
) => `read_csv('${path}', header = true, auto_detect = false, delim = ',', quote = '"',
  escape = '"', columns = { ad_name: 'VARCHAR', day: 'DATE', platform: 'VARCHAR', campaign_name: 'VARCHAR',
  impressions: 'BIGINT', link_clicks: 'BIGINT', amount_spent_gbp: 'DECIMAL(18,6)' })`;

const [path = '', mode] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();
await connection.run('SET preserve_insertion_order = false');
await connection.run(`CREATE TABLE totals AS SELECT ad_name AS item, day, sum(impressions) AS impressions,
  sum(link_clicks) AS clicks, sum(amount_spent_gbp) AS spend FROM ${read(path)} GROUP BY ALL`);
const counted = await connection.runAndReadAll('SELECT count(*) FROM totals');
report(Number(counted.getRows()[0]?.[0]), mode === 'digest' ? await digestOfTotals() : undefined);

async function digestOfTotals(): Promise<string> {
  const digest = new GroupDigest();
  const result = await connection.stream(`SELECT item, day::VARCHAR, impressions::BIGINT, clicks::BIGINT,
    (spend * 1000000)::BIGINT FROM totals ORDER BY item, day`);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return digest.end();
    for (const [item, day, impressions, clicks, spend] of chunk.getRows()) {
      digest.add(
        String(item),
        String(day),
        BigInt(Number(impressions)),
        BigInt(Number(clicks)),
        BigInt(Number(spend)),
      );
    }
  }
}
