import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { documentKey, reportCsvKey } from '../../lambdas/contracts/object-keys.ts';
import { named, SCENARIOS } from '../simulation/datasets.ts';
import { reference } from '../simulation/reference.ts';
import { Bench } from './run-pipeline.ts';

describe('the pipeline without faults', () => {
  it.each(SCENARIOS.filter(({ refusal }) => refusal === undefined))(
    'reports the bytes that one process reports: $name',
    async (scenario) => {
      const bench = new Bench(scenario.settings);
      const ref = await bench.submit(scenario);
      await bench.drain();
      const job = bench.job(ref);
      expect(job.error).toBeNull();
      expect(job.state).toBe('SUCCEEDED');
      const run = { ...ref, run: 1 };
      const { json, csv } = await reference(scenario);
      expect(bench.store.text(documentKey(run))).toBe(json);
      expect(bench.store.text(reportCsvKey(run))).toBe(csv);
    },
  );

  it('scans again, round after round, what began inside of a record', async () => {
    const traps = named('traps');
    const bench = new Bench(traps.settings);
    const ref = await bench.submit(traps);
    await bench.drain();
    const scans = bench.sent.flatMap(({ message }) => (message.type === 'scan' ? [message] : []));
    const rounds = scans.map(({ round }) => round);
    expect(Math.max(...rounds)).toBeGreaterThan(2);
    // Only what is wrong is scanned again, and only from where it really begins.
    for (const { round, first } of scans) expect(first === null).toBe(round === 0);
    const inRound = (round: number) => scans.filter((scan) => scan.round === round).length;
    for (const round of rounds) if (round > 0) expect(inRound(round)).toBeLessThan(inRound(0));
    expect(bench.store.timeline(ref).filter(({ kind }) => kind === 'rescan')).toHaveLength(
      Math.max(...rounds),
    );
  });

  it('does a small file with two messages and four objects: reports, results and series', async () => {
    const small = named('small');
    const bench = new Bench(small.settings);
    const ref = await bench.submit(small);
    const before = bench.store.objects.size;
    await bench.drain();
    expect(bench.sent.map(({ message }) => message.type)).toEqual(['uploaded', 'plan']);
    expect(bench.store.objects.size - before).toBe(4);
    expect(bench.job(ref).revision).toBe(7);
  });

  it('leaves to the queues what packs so well that it looked small', async () => {
    const packed = named('gzip that unpacks to much');
    const types = async (chunkBytes: number) => {
      const bench = new Bench({ chunkBytes });
      const ref = await bench.submit(packed);
      await bench.drain();
      expect(bench.job(ref)).toMatchObject({ state: 'SUCCEEDED', plan: { kind: 'stream', shards: 1 } });
      return bench.sent.map(({ message }) => message.type);
    };
    const unpacked = gunzipSync(packed.bytes).length;
    expect(await types(unpacked)).toEqual(['uploaded', 'plan']);
    expect(await types(unpacked - 1)).toEqual(['uploaded', 'plan', 'scan', 'analyse', 'report']);
  });

  it('refuses what no worker may read, packed or not, by the worker that has the time to tell', async () => {
    const packed = named('gzip that unpacks to much');
    const bench = new Bench({ chunkBytes: 1000, maxBytes: 3000 });
    const ref = await bench.submit(packed);
    await bench.drain();
    expect(bench.sent.map(({ message }) => message.type)).toEqual(['uploaded', 'plan', 'scan']);
    expect(bench.job(ref)).toMatchObject({ state: 'FAILED', error: { code: 'dataset_too_large' } });
  });

  it.each(SCENARIOS.filter(({ refusal }) => refusal !== undefined))(
    'refuses, and says why: $name',
    async (scenario) => {
      const bench = new Bench(scenario.settings);
      const ref = await bench.submit(scenario);
      await bench.drain();
      const { state, error } = bench.job(ref);
      expect(state).toBe('FAILED');
      await expect(reference(scenario)).rejects.toMatchObject({
        code: scenario.refusal,
        message: error?.message,
        remedy: error?.remedy,
      });
    },
  );
});
