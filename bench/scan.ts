/**
 * The speed of the scan: `node bench/scan.ts [--rounds 5] [--megabytes 1074] [--keep]`. Makes its input in the system's
 * directory of temporary files (seeded, twice the given size), checks that our engine and DuckDB agree on every group,
 * then lets the engines run in turn, round after round, each in a fresh process; figures are medians of the rounds, of
 * megabytes (10^6 bytes) a second of CPU time, start of the process included.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchRow, printRows } from './row.ts';
import { buildEngines, type Engine, type Engines, run } from './scan/engines.ts';
import { writeShuffled, writeSorted, YEAR_ROWS } from './scan/rows.ts';

interface ScanBenchOptions {
  /** Times each engine runs on each file. */
  readonly rounds?: number;
  /** Size of the larger files in 10^6 bytes; a whole year, about a gibibyte, when not given. */
  readonly megabytes?: number;
  /** Leaves the files where they are. */
  readonly keep?: boolean;
}

/** One input, with the bounds on our ratio to the peers. */
interface Input {
  readonly name: string;
  readonly path: string;
  readonly megabytes: number;
  readonly leastOfDuckdb: number;
  readonly withPandas: boolean;
}

const ROUNDS = 5;
const ROW_BYTES = 98;
const SMALL_ROWS = 1_020_000;
const LEAST_OF_PANDAS = 10;
const MOST_RSS = 150;
const UNIT = 'MB/CPU s';

/** Rows of the benchmark of the scan. Throws when our engine and DuckDB do not agree. */
export async function scanBench(options: ScanBenchOptions = {}): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'creative-dynamics-bench-'));
  try {
    const engines = await buildEngines(join(directory, 'engines'));
    const inputs = writeInputs(directory, options.megabytes ?? Number.POSITIVE_INFINITY);
    for (const { path } of inputs) assertAgreement(engines, path);
    const runsOf = measure(engines, inputs, options.rounds ?? ROUNDS);
    return [
      ...inputs.flatMap((input) => inputRows(engines, input, runsOf)),
      pandasRow(engines, inputs, runsOf),
    ];
  } finally {
    if (options.keep) console.log(`The files are in ${directory}`);
    else rmSync(directory, { recursive: true });
  }
}

function writeInputs(directory: string, megabytes: number): Input[] {
  const rows = Math.min(YEAR_ROWS, Math.round((megabytes * 1e6) / ROW_BYTES));
  const input = (name: string, writer: typeof writeSorted, count: number, leastOfDuckdb: number): Input => {
    const path = join(directory, `${name}.csv`);
    writer(path, count);
    const size = statSync(path).size / 1e6;
    return {
      name: `${name}, ${Math.round(size)} MB`,
      path,
      megabytes: size,
      leastOfDuckdb,
      withPandas: name === 'cold',
    };
  };
  return [
    input('day-sorted', writeSorted, rows, 2),
    input('shuffled', writeShuffled, rows, 1.5),
    input('cold', writeSorted, Math.min(rows, SMALL_ROWS), 1.2),
  ];
}

function assertAgreement({ ours, duckdb }: Engines, path: string): void {
  const [own, theirs] = [run(ours, path, true), run(duckdb, path, true)];
  if (own.groups !== theirs.groups || own.digest !== theirs.digest) {
    throw new Error(`Our engine and DuckDB differ on ${path}: ${own.groups} and ${theirs.groups} groups.`);
  }
}

/** What the runs of an engine on an input took, round by round. */
interface Runs {
  readonly speeds: readonly number[];
  readonly peaks: readonly number[];
}

function measure(
  engines: Engines,
  inputs: readonly Input[],
  rounds: number,
): (engine: Engine, input: Input) => Runs {
  const runs = new Map<string, Runs>();
  const key = (engine: Engine, input: Input) => `${engine.name} ${input.name}`;
  const runsOf = (engine: Engine, input: Input) => runs.get(key(engine, input)) ?? { speeds: [], peaks: [] };
  for (let round = 0; round < rounds; round++) {
    for (const input of inputs) {
      const { ours, duckdb, indexOf, pandas } = engines;
      for (const engine of [ours, duckdb, indexOf, ...(input.withPandas && pandas ? [pandas] : [])]) {
        const { cpuSeconds, peakBytes } = run(engine, input.path);
        const { speeds, peaks } = runsOf(engine, input);
        runs.set(key(engine, input), {
          speeds: [...speeds, input.megabytes / cpuSeconds],
          peaks: [...peaks, peakBytes / 1e6],
        });
      }
    }
  }
  return runsOf;
}

function inputRows(
  { ours, duckdb, indexOf }: Engines,
  input: Input,
  runsOf: ReturnType<typeof measure>,
): BenchRow[] {
  const { speeds, peaks } = runsOf(ours, input);
  const theirs = runsOf(duckdb, input).speeds;
  const limit = runsOf(indexOf, input).speeds;
  const peak = Math.max(...peaks);
  return [
    {
      name: input.name,
      value: median(speeds),
      unit: UNIT,
      ...atLeast(input.leastOfDuckdb, speeds, theirs, 'DuckDB'),
    },
    { name: '  DuckDB, one thread', value: median(theirs), unit: UNIT },
    {
      name: '  ends of lines, nothing else',
      value: median(limit),
      unit: UNIT,
      ratio: ratioOf(limit, speeds),
      peer: 'ours',
    },
    { name: '  peak RSS', value: peak, unit: 'MB', target: `≤ ${MOST_RSS}`, met: peak <= MOST_RSS },
  ];
}

/** pandas is slow, so it runs on the small input only; what counts is the speed. */
function pandasRow(
  { ours, pandas }: Engines,
  inputs: readonly Input[],
  runsOf: ReturnType<typeof measure>,
): BenchRow {
  const [large, small] = [inputs[0], inputs.find(({ withPandas }) => withPandas)];
  const name = 'day-sorted; pandas on the small file';
  if (pandas === null || !large || !small)
    return { name: `${name}: not installed`, value: Number.NaN, unit: UNIT };
  const { speeds } = runsOf(pandas, small);
  const own = runsOf(ours, large).speeds;
  return { name, value: median(speeds), unit: UNIT, ...atLeast(LEAST_OF_PANDAS, own, speeds, 'pandas') };
}

function atLeast(least: number, own: readonly number[], theirs: readonly number[], peer: string) {
  const ratio = ratioOf(own, theirs);
  return { ratio, peer, target: `≥ ${least}`, met: ratio >= least };
}

/** The median over the rounds of the ratio within a round: what slows the machine for a while slows both. */
function ratioOf(values: readonly number[], peers: readonly number[]): number {
  return median(values.map((value, round) => value / (peers[round] ?? Number.NaN)));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { rounds: { type: 'string' }, megabytes: { type: 'string' }, keep: { type: 'boolean' } },
  });
  const number = (text: string | undefined, otherwise: number) =>
    text === undefined ? otherwise : Number(text);
  const rows = await scanBench({
    rounds: number(values.rounds, ROUNDS),
    megabytes: number(values.megabytes, Number.POSITIVE_INFINITY),
    keep: values.keep ?? false,
  });
  printRows('CSV to daily totals', rows);
  process.exitCode = rows.some(({ met }) => met === false) ? 1 : 0;
}
