import { describe, expect, it, vi } from 'vitest';
import { METRICS, type MetricName } from '../../lambdas/contracts/metric-names.ts';
import { resolveParameters } from '../../lambdas/domain/parameters.ts';
import { buildDocument } from '../../lambdas/domain/report/build-document.ts';
import { tallyOf } from '../../lambdas/domain/report/dataset-tally.ts';
import { finishJob } from '../../lambdas/pipeline/finish-job.ts';
import { named } from '../simulation/datasets.ts';
import { type Gate, OPEN_GATE } from '../simulation/ports.ts';
import { Bench } from './run-pipeline.ts';

const MINUTE_MS = 60_000;

/** A pipeline in which loading results, the last thing done of a small job, takes a while. */
function benchOf({ loadMinutes }: { loadMinutes: number }): Bench {
  const gate: Gate = async (name, effect) => {
    if (name === 'load') bench.now += loadMinutes * MINUTE_MS;
    return effect();
  };
  const bench: Bench = new Bench({}, gate);
  return bench;
}

const counted = (bench: Bench, name: MetricName) => bench.store.counts.get(name) ?? 0;

describe('the objective of the pipeline', () => {
  it('is kept by a job that takes a quarter of an hour', async () => {
    const bench = benchOf({ loadMinutes: 15 });
    await bench.submit(named('small'));
    await bench.drain();
    expect(counted(bench, METRICS.jobsSucceeded)).toBe(1);
    expect(counted(bench, METRICS.jobsOffObjective)).toBe(0);
  });

  it('is missed by one that takes longer', async () => {
    const bench = benchOf({ loadMinutes: 15.01 });
    await bench.submit(named('small'));
    await bench.drain();
    expect(counted(bench, METRICS.jobsOffObjective)).toBe(1);
  });

  it('does not begin before the file is there', async () => {
    const bench = new Bench();
    const small = named('small');
    const job = await bench.announce(small);
    bench.now += 60 * MINUTE_MS;
    bench.upload(job.source.key, small.bytes);
    await bench.drain();
    expect(counted(bench, METRICS.jobsSucceeded)).toBe(1);
    expect(counted(bench, METRICS.jobsOffObjective)).toBe(0);
  });

  it('is missed by a job that fails through us, and not by one whose input has to be refused', async () => {
    const refusing = new Bench({}, OPEN_GATE);
    await refusing.submit(named('no rows'));
    await refusing.drain();
    expect(counted(refusing, METRICS.jobsFailed)).toBe(1);
    expect(counted(refusing, METRICS.jobsOffObjective)).toBe(0);

    const broken: Gate = async (name, effect) => {
      if (name === 'put') throw new Error('S3 is down.');
      return effect();
    };
    const bench = new Bench({}, broken);
    await bench.submit(named('small'));
    await bench.drain(() => bench.waiting[0]?.message.type === 'plan');
    await bench.handle(bench.waiting[0]!.message, 4);
    expect(counted(bench, METRICS.jobsFailed)).toBe(1);
    expect(counted(bench, METRICS.jobsOffObjective)).toBe(1);
  });
});

describe('the seconds of work', () => {
  it('counts the seconds of work on data sets of the usual size, and of no larger', async () => {
    const plain = named('plain');
    const measured = async (read: number) => {
      const bench = new Bench(plain.settings);
      const seconds = vi.spyOn(bench.context.metrics, 'seconds');
      const { source, id } = await bench.announce(plain);
      bench.now += MINUTE_MS;
      bench.upload(source.key, plain.bytes);
      const ref = { tenant: 'acme', jobId: id };
      await bench.drain(() => bench.job(ref).state === 'REPORTING');
      bench.now += 29_000;
      const rows = { read, rejected: 0, reasons: {}, samples: [] };
      const document = buildDocument({ items: [], rows, currency: 'GBP', parameters: resolveParameters({}) });
      const outcome = { ...document, statuses: tallyOf([]).statuses(), stored: true };
      await finishJob(bench.context, bench.job(ref), outcome);
      return seconds.mock.calls.filter(([name]) => name === METRICS.standardJobSeconds);
    };
    expect(await measured(900_000)).toEqual([[METRICS.standardJobSeconds, 29]]);
    expect(await measured(900_001)).toEqual([]);
  });
});

describe('bytes scanned', () => {
  it.each(['small', 'traps'])('are at least those of the file: %s', async (name) => {
    const scenario = named(name);
    const bench = new Bench(scenario.settings);
    await bench.submit(scenario);
    await bench.drain();
    const bytes = counted(bench, METRICS.bytesScanned);
    expect(bytes).toBeGreaterThanOrEqual(scenario.bytes.length);
    // Each chunk that was scanned counts once.
    if (counted(bench, METRICS.chunksScanned) === 0) expect(bytes).toBe(scenario.bytes.length);
  });
});
