/**
 * Every benchmark, one after the other: `npm run bench`, or `node bench/run.ts scan signature analysis` for some of them.
 * Each compares with a peer or a physical limit timed in the same run; the exit code is 1 when a target is missed.
 */
import { parseArgs } from 'node:util';
import { analysisBench } from './analysis.ts';
import { cloudBench } from './cloud.ts';
import { databaseBench } from './database.ts';
import { requestsBench } from './requests.ts';
import { type BenchRow, printRows } from './row.ts';
import { scanBench } from './scan.ts';
import { signatureBench } from './signature.ts';

const BENCHES: Readonly<Record<string, { title: string; rows: () => BenchRow[] | Promise<BenchRow[]> }>> = {
  signature: { title: 'Signatures', rows: signatureBench },
  analysis: { title: 'Analysis after the scan', rows: analysisBench },
  requests: { title: 'Requests that are answered at once', rows: () => requestsBench() },
  scan: { title: 'CSV to daily totals', rows: () => scanBench() },
  database: { title: 'The database of results', rows: () => databaseBench() },
  cloud: { title: 'The whole local cloud', rows: () => cloudBench() },
};

const { positionals } = parseArgs({ allowPositionals: true });
const chosen = positionals.length > 0 ? positionals : Object.keys(BENCHES);
let missed = 0;
for (const name of chosen) {
  const bench = BENCHES[name];
  if (bench === undefined)
    throw new Error(`There is no benchmark "${name}": ${Object.keys(BENCHES).join(', ')}.`);
  const rows = await bench.rows();
  printRows(bench.title, rows);
  missed += rows.filter(({ met }) => met === false).length;
}
if (missed > 0) console.log(`${missed} targets missed`);
process.exitCode = missed > 0 ? 1 : 0;
