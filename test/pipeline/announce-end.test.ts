import { describe, expect, it } from 'vitest';
import { METRICS } from '../../lambdas/contracts/metric-names.ts';
import { redriveJob } from '../../lambdas/pipeline/redrive.ts';
import { sweep } from '../../lambdas/pipeline/sweep.ts';
import { named } from '../simulation/datasets.ts';
import type { Gate } from '../simulation/ports.ts';
import { Bench } from './run-pipeline.ts';

const MINUTE_MS = 60_000;

/** A pipeline whose queue of deliveries can be down. */
function setUp() {
  const world = { isDown: true };
  const gate: Gate = async (name, effect) => {
    if (world.isDown && name === 'sendDelivery') throw new Error('SQS is down.');
    return effect();
  };
  const bench = new Bench({}, gate);
  const notAnnounced = () => bench.store.counts.get(METRICS.endsNotAnnounced) ?? 0;
  return { world, bench, notAnnounced };
}

describe('the end of a job', () => {
  it('is no other because webhooks cannot be told, and is told by the sweeper', async () => {
    const { world, bench, notAnnounced } = setUp();
    const ref = await bench.submit(named('small'));
    const done = { action: 'acknowledge', outcome: 'done' };
    expect(await bench.drain()).toMatchObject([done, done]);
    const { finishedAt } = bench.job(ref);
    expect(bench.job(ref)).toMatchObject({ state: 'SUCCEEDED', stored: true, announced: false });
    expect([notAnnounced(), bench.store.webhooks.told]).toEqual([1, []]);

    bench.now += MINUTE_MS + 1;
    await expect(sweep(bench.context)).rejects.toMatchObject({ errors: [{ message: 'SQS is down.' }] });
    world.isDown = false;
    expect([...(await sweep(bench.context))]).toEqual([[ref.jobId, 'announced']]);
    expect(bench.job(ref)).toMatchObject({ state: 'SUCCEEDED', announced: true });
    expect(bench.store.webhooks.told).toMatchObject([
      { type: 'job.succeeded', timestamp: finishedAt, data: { jobId: ref.jobId, run: 1, datasetId: 'ds_1' } },
    ]);
    expect(await sweep(bench.context)).toEqual(new Map());
  });

  it('that is a failure is told before the job runs again', async () => {
    const { world, bench } = setUp();
    const ref = await bench.submit(named('no rows'));
    await bench.drain();
    expect(bench.job(ref)).toMatchObject({ state: 'FAILED', announced: false, error: { announced: true } });
    await expect(redriveJob(bench.context, ref)).rejects.toThrow('SQS is down.');
    expect(bench.job(ref).state).toBe('FAILED');
    world.isDown = false;
    expect(await redriveJob(bench.context, ref)).toMatchObject({ state: 'PENDING', run: 2 });
    expect(bench.store.webhooks.told).toMatchObject([
      { type: 'job.failed', data: { run: 1, error: { code: bench.store.failures[0]?.code } } },
    ]);
  });

  it('is one event to receivers, however often a message about it comes', async () => {
    const { world, bench } = setUp();
    world.isDown = false;
    await bench.submit(named('small'));
    await bench.drain();
    for (const { message } of [...bench.sent]) await bench.handle(message, 2);
    expect([...bench.store.webhooks.sent.values()]).toEqual([1]);
  });
});
