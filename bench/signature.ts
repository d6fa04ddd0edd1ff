/**
 * The speed of log-signatures: `node bench/signature.ts`. All engines of this process run in turn, round after round; a
 * figure is the median of the rounds.
 */
import { spawnSync } from 'node:child_process';
import { genericLogSignature, genericSlidingLogSignatures } from '../lambdas/domain/signature/generic.ts';
import { logSignature, slidingLogSignatures } from '../lambdas/domain/signature/index.ts';
import { tensorShape } from '../lambdas/domain/signature/words.ts';
import { multiplyAdds137, operations137 } from './arithmetic-limit.ts';
import { type BenchRow, printRows } from './row.ts';

const SERIES = 1000;
const DAYS = 365;
const WINDOW = 7;
const ROUNDS = 15;
/** The generic implementation runs on this part of the series only. */
const SLOW_SERIES = 20;
/** A single path is so short that a round computes many more than there are series. */
const REPEATS = 50;

interface Engine {
  readonly run: () => void;
  /** Windows or paths that one run computes. */
  readonly count: number;
}

/** Paths of (day, value) with values in [0, 1) from a linear congruential generator. */
function makeSeries(): Float64Array[] {
  let state = 1;
  return Array.from({ length: SERIES }, () =>
    Float64Array.from({ length: 2 * DAYS }, (_, k) => {
      if (k % 2 === 0) return 20_000 + k / 2;
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state / 2 ** 32;
    }),
  );
}

function makeEngines() {
  const series = makeSeries();
  const few = series.slice(0, SLOW_SERIES);
  const windows = DAYS - WINDOW + 1;
  const out = new Float64Array(windows * 8);
  const point = new Float64Array(8);
  const sliding = { dimension: 2, depth: 4, window: WINDOW, out };
  const single = { dimension: 2, depth: 4, out: point };
  const shape = tensorShape(2, 4);
  const paths = series.map((path) => path.slice(0, 2 * WINDOW));
  const manyPaths = Array.from({ length: REPEATS }, () => paths).flat();
  const each = (list: Float64Array[], run: (path: Float64Array) => void) => () => {
    for (const path of list) run(path);
  };
  return {
    sliding: { run: each(series, (path) => slidingLogSignatures(path, sliding)), count: SERIES * windows },
    multiplyAdds: { run: each(series, (path) => multiplyAdds137(path, out)), count: SERIES * windows },
    operations: { run: each(series, (path) => operations137(path, out)), count: SERIES * windows },
    slowSliding: {
      run: each(few, (path) => genericSlidingLogSignatures(path, shape, WINDOW, out)),
      count: SLOW_SERIES * windows,
    },
    single: { run: each(manyPaths, (path) => logSignature(path, single)), count: SERIES * REPEATS },
    slowSingle: { run: each(paths, (path) => genericLogSignature(path, shape, point)), count: SERIES },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Nanoseconds for one window or path, of each round. The first round warms up and does not count. */
function measure<Name extends string>(engines: Readonly<Record<Name, Engine>>): (name: Name) => number[] {
  const rounds = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, { run, count }] of Object.entries<Engine>(engines)) {
      const start = process.hrtime.bigint();
      run();
      const nanoseconds = Number(process.hrtime.bigint() - start) / count;
      if (round > 0) rounds.set(name, [...(rounds.get(name) ?? []), nanoseconds]);
    }
  }
  return (name) => rounds.get(name) ?? [];
}

/** The median over the rounds of the ratio within a round: what slows the machine for a while slows both. */
function ratioOf(values: readonly number[], peers: readonly number[]): number {
  return median(values.map((value, round) => value / (peers[round] ?? Number.NaN)));
}

const PYTHON = `
import time
import numpy, iisignature
rng = numpy.random.default_rng(1)
series = numpy.stack([numpy.broadcast_to(numpy.arange(${DAYS}.0), (100, ${DAYS})), rng.random((100, ${DAYS}))], axis=2)
windows = numpy.lib.stride_tricks.sliding_window_view(series, ${WINDOW}, axis=1).swapaxes(2, 3)
windows = numpy.ascontiguousarray(windows).reshape(-1, ${WINDOW}, 2)
best = float("inf")
for method in "COS":
    prepared = iisignature.prepare(2, 4, method)
    times = []
    for _ in range(8):
        start = time.perf_counter()
        iisignature.logsig(windows, prepared, method)
        times.append(time.perf_counter() - start)
    best = min(best, sorted(times[1:])[3] / len(windows) * 1e9)
print(best)
`;

/** Nanoseconds a window of the best method of iisignature (C++), or null where Python has no iisignature. */
function iisignature(): number | null {
  const importable = spawnSync('python3', ['-c', 'import numpy, iisignature'], { stdio: 'ignore' });
  if (importable.status !== 0) return null;
  const { status, stdout, stderr } = spawnSync('python3', ['-c', PYTHON], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`iisignature could not be timed:\n${stderr}`);
  return Number(stdout);
}

const LIMIT = 2.5;
const unit = 'ns/window';

function iisignatureRow(ours: number): BenchRow {
  const theirs = iisignature();
  if (theirs === null) return { name: 'iisignature: not installed', value: Number.NaN, unit };
  return { name: 'iisignature', value: theirs, unit, ratio: theirs / ours, peer: 'sliding' };
}

/** Sliding and single log-signatures of plane paths to depth 4, 1,000 series of 365 points. */
export function signatureBench(): BenchRow[] {
  const times = measure(makeEngines());
  const ours = times('sliding');
  const value = (name: Parameters<typeof times>[0]) => median(times(name));
  const toMultiplyAdds = ratioOf(ours, times('multiplyAdds'));
  const toOperations = ratioOf(ours, times('operations'));
  const target = `≤ ${LIMIT}`;
  const name = `sliding, window ${WINDOW}, (2,4)`;
  return [
    {
      name,
      value: median(ours),
      unit,
      ratio: toMultiplyAdds,
      peer: '137 multiply-adds',
      target,
      met: toMultiplyAdds <= LIMIT,
    },
    {
      name,
      value: median(ours),
      unit,
      ratio: toOperations,
      peer: '137 operations',
      target,
      met: toOperations <= LIMIT,
    },
    { name: '137 multiply-adds, unrolled', value: value('multiplyAdds'), unit },
    { name: '137 operations, unrolled', value: value('operations'), unit },
    {
      name: 'sliding, generic code',
      value: value('slowSliding'),
      unit,
      ratio: ratioOf(times('slowSliding'), ours),
      peer: 'sliding',
    },
    iisignatureRow(median(ours)),
    { name: `one path of ${WINDOW} points, (2,4)`, value: value('single'), unit: 'ns/path' },
    {
      name: 'one path, generic code',
      value: value('slowSingle'),
      unit: 'ns/path',
      ratio: ratioOf(times('slowSingle'), times('single')),
      peer: 'one path',
    },
  ];
}

if (import.meta.main) printRows('Log-signatures', signatureBench());
