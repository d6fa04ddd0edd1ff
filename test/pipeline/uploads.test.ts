import { describe, expect, it } from 'vitest';
import { AnalysisError } from '../../lambdas/domain/errors.ts';
import { datasetIdOf } from '../../lambdas/domain/job/dataset-id.ts';
import { cancelJob } from '../../lambdas/pipeline/cancel.ts';
import { failJob } from '../../lambdas/pipeline/fail-job.ts';
import { redriveJob } from '../../lambdas/pipeline/redrive.ts';
import { sweep } from '../../lambdas/pipeline/sweep.ts';
import { named } from '../simulation/datasets.ts';
import { Bench } from './run-pipeline.ts';

const small = named('small');
const INBOX = 'uploads/acme/inbox/spring.csv';

function onlyJob(bench: Bench) {
  const [job, ...others] = bench.store.jobs.values();
  expect(others).toEqual([]);
  return job ?? expect.fail('no job');
}

describe('an upload that nobody announced', () => {
  it('gets a job of its own, however often its event comes', async () => {
    const bench = new Bench();
    const event = bench.upload(INBOX, small.bytes);
    bench.enqueue(event, 10);
    await bench.drain();
    const job = onlyJob(bench);
    expect(job).toMatchObject({
      tenant: 'acme',
      state: 'SUCCEEDED',
      origin: 's3',
      source: { versionId: 'v1' },
    });
    expect(job.dataset).toEqual({ id: datasetIdOf('acme', 'spring.csv'), name: 'spring.csv' });
    expect(job.totals?.items).toBe(4);
  });

  it('is read as the file beside it says', async () => {
    const bench = new Bench();
    const sidecar = {
      mapping: { clicks: 'impressions' },
      currency: 'EUR',
      parameters: { detector: 'shape' },
    };
    bench.upload(`${INBOX}.json`, Buffer.from(JSON.stringify(sidecar)));
    expect(await bench.drain()).toMatchObject([{ outcome: 'ignored' }]);
    bench.upload(INBOX, small.bytes);
    await bench.drain();
    const job = onlyJob(bench);
    expect(job).toMatchObject({
      state: 'SUCCEEDED',
      hints: { mapping: { clicks: 'impressions' }, currency: 'EUR' },
      parameters: { detector: 'shape' },
    });
    expect(job.totals?.clicks).toBe(job.totals?.impressions);
  });

  it.each([
    ['no JSON', 'mapping: clicks'],
    ['an unknown key', '{"clicks": "link_clicks"}'],
    ['a value out of bounds', '{"parameters": {"windowSize": 1}}'],
    ['too long', JSON.stringify({ currency: 'x'.repeat(70_000) })],
  ])('is refused when the file beside it is %s', async (_, sidecar) => {
    const bench = new Bench();
    bench.store.put(`${INBOX}.json`, Buffer.from(sidecar));
    bench.upload(INBOX, small.bytes);
    await bench.drain();
    expect(onlyJob(bench)).toMatchObject({ state: 'FAILED', error: { code: 'invalid_request' } });
  });

  it.each(['uploads/acme/file.csv', 'uploads/ACME/x/file.csv', 'uploads/acme/x/', 'reports/acme/x/file.csv'])(
    'is ignored outside of the scheme: %s',
    async (key) => {
      const bench = new Bench();
      bench.upload(key, small.bytes);
      expect(await bench.drain()).toEqual([{ action: 'acknowledge', outcome: 'ignored', job: null }]);
      expect(bench.store.jobs.size).toBe(0);
    },
  );
});

describe('an announced upload', () => {
  it('belongs to its job; the next version of the file is a job of its own', async () => {
    const bench = new Bench();
    const announced = await bench.announce(small);
    const ref = { tenant: announced.tenant, jobId: announced.id };
    const first = bench.upload(announced.source.key, small.bytes);
    await bench.drain();
    expect(bench.job(ref)).toMatchObject({ state: 'SUCCEEDED', source: { versionId: 'v1' } });
    bench.upload(announced.source.key, named('ctr as fractions').bytes);
    bench.enqueue(first, 5);
    const about = (await bench.drain()).map(({ job }) => job?.jobId);
    const [old, made] = [...bench.store.jobs.keys()].map((key) => key.replace('acme/', ''));
    // The event that comes again is about a job that is over.
    expect(about).toEqual([made, made, old]);
    const versions = [...bench.store.jobs.values()].map(({ source }) => source.versionId);
    expect(versions).toEqual(['v1', 'v2']);
  });

  it('starts nothing once its job was called off', async () => {
    const bench = new Bench();
    const announced = await bench.announce(small);
    const ref = { tenant: announced.tenant, jobId: announced.id };
    await cancelJob(bench.context, ref);
    bench.upload(announced.source.key, small.bytes);
    await bench.drain();
    expect(bench.store.jobs.size).toBe(1);
    expect(bench.job(ref).state).toBe('CANCELLED');
  });

  it('that never comes expires after a day', async () => {
    const bench = new Bench();
    const { tenant, id } = await bench.announce(small);
    bench.now += 23 * 3_600_000;
    expect((await sweep(bench.context)).size).toBe(0);
    bench.now += 2 * 3_600_000;
    expect(await sweep(bench.context)).toEqual(new Map([[id, 'expired']]));
    expect(bench.job({ tenant, jobId: id })).toMatchObject({ state: 'EXPIRED' });
  });

  it('whose event got lost is found by the sweeper', async () => {
    const bench = new Bench();
    const announced = await bench.announce(small);
    bench.upload(announced.source.key, small.bytes);
    bench.waiting = [];
    bench.now += 25 * 3_600_000;
    expect(await sweep(bench.context)).toEqual(new Map([[announced.id, 'started']]));
    await bench.drain();
    expect(bench.job({ tenant: 'acme', jobId: announced.id }).state).toBe('SUCCEEDED');
  });

  it('that was refused and then mended succeeds when its job is redriven', async () => {
    const poison = named('no columns');
    const bench = new Bench();
    const ref = await bench.submit(poison);
    await bench.drain();
    expect(bench.job(ref)).toMatchObject({ state: 'FAILED', error: { code: 'missing_columns' } });
    bench.store.put(bench.job(ref).source.key, small.bytes);
    expect(await redriveJob(bench.context, ref)).toMatchObject({ state: 'PENDING', run: 2, error: null });
    await failJob(
      bench.context,
      { ...ref, run: 1 },
      new AnalysisError('internal', 'A straggler of the first run.'),
    );
    await bench.drain();
    expect(bench.job(ref)).toMatchObject({ state: 'SUCCEEDED', run: 2, source: { versionId: 'v2' } });
    for (const { message } of bench.sent) await bench.handle(message);
    expect(bench.store.jobs.size).toBe(1);
    expect(bench.job(ref)).toMatchObject({ state: 'SUCCEEDED', run: 2 });
  });

  it('that is gone is a refusal', async () => {
    const bench = new Bench();
    const ref = await bench.submit(small);
    bench.store.objects.clear();
    await bench.drain();
    expect(bench.job(ref)).toMatchObject({ state: 'FAILED', error: { code: 'invalid_request' } });
    await expect(redriveJob(bench.context, ref)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('may have a wide header, but not one that no record can hold', async () => {
    const wide = (columns: number) => {
      const header = `ad_name,day,impressions,link_clicks${',unread column'.repeat(columns)}\n`;
      const row = `A,2025-01-01,100,3${','.repeat(columns)}\n`;
      return { ...small, bytes: Buffer.from(header + row), settings: { chunkBytes: header.length } };
    };
    for (const [columns, state] of [
      [5000, 'SUCCEEDED'],
      [50_000, 'FAILED'],
    ] as const) {
      const scenario = wide(columns);
      const bench = new Bench(scenario.settings);
      const ref = await bench.submit(scenario);
      await bench.drain();
      expect(bench.job(ref).state).toBe(state);
      expect(JSON.stringify(bench.job(ref)).length).toBeLessThan(200_000);
    }
  });
});
