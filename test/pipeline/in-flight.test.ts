import { describe, expect, it } from 'vitest';
import { METRICS } from '../../lambdas/contracts/metric-names.ts';
import { AnalysisError } from '../../lambdas/domain/errors.ts';
import { cancelJob } from '../../lambdas/pipeline/cancel.ts';
import { failJob } from '../../lambdas/pipeline/fail-job.ts';
import { named } from '../simulation/datasets.ts';
import { Bench } from './run-pipeline.ts';

const plain = named('plain');

describe('the jobs of a tenant that run at a time', () => {
  async function submitMany(bench: Bench, count: number, tenant = 'acme') {
    const refs = [];
    for (let i = 0; i < count; i++) {
      const { id, source } = await bench.announce(plain, tenant, `${tenant} ${i}`);
      bench.upload(source.key, plain.bytes);
      refs.push({ tenant, jobId: id });
    }
    return refs;
  }
  const isDelayed = (bench: Bench) => () => bench.waiting.every(({ visibleAt }) => visibleAt > bench.now);
  /** Has the uploads of all jobs accepted and planned, and nothing that follows from that. */
  const plan = async (bench: Bench) => {
    for (const type of ['uploaded', 'plan']) await bench.drain(() => bench.waiting[0]?.message.type !== type);
  };

  it('are bounded: the others wait visibly, and all of them end', async () => {
    const bench = new Bench({ ...plain.settings, inFlightJobs: 2 });
    const refs = await submitMany(bench, 5);
    await plan(bench);
    const jobs = refs.map((ref) => bench.job(ref));
    expect(jobs.filter(({ state }) => state === 'PROCESSING')).toHaveLength(2);
    const waiting = jobs.filter(({ waitingFor }) => waitingFor === 'tenant_limit');
    expect(waiting.map(({ state }) => state)).toEqual(['PENDING', 'PENDING', 'PENDING']);
    expect(bench.store.timeline(refs[4] ?? expect.fail()).at(-1)).toMatchObject({
      kind: 'waiting',
      message: expect.stringContaining('2 analyses of one tenant run at a time'),
    });
    expect(bench.store.counts.get(METRICS.jobsDelayed)).toBe(3);
    await bench.drain();
    expect(refs.map((ref) => bench.job(ref).state)).toEqual(Array(5).fill('SUCCEEDED'));
    expect(bench.store.inFlight.of('acme')).toEqual([]);
  });

  it('are bounded by their bytes too, and each tenant’s own', async () => {
    const bench = new Bench({ ...plain.settings, inFlightBytes: plain.bytes.length * 2 - 1 });
    const refs = [...(await submitMany(bench, 2)), ...(await submitMany(bench, 1, 'globex'))];
    await plan(bench);
    expect(refs.map((ref) => bench.job(ref).state)).toEqual(['PROCESSING', 'PENDING', 'PROCESSING']);
    await bench.drain();
    expect(refs.map((ref) => bench.job(ref).state)).toEqual(Array(3).fill('SUCCEEDED'));
  });

  it('make room when they are cancelled or fail', async () => {
    const bench = new Bench({ ...plain.settings, inFlightJobs: 1 });
    const [first, second] = await submitMany(bench, 2);
    if (first === undefined || second === undefined) expect.fail();
    await plan(bench);
    expect(bench.store.inFlight.of('acme')).toEqual([first.jobId]);
    await cancelJob(bench.context, first);
    await bench.drain(() => bench.job(second).state === 'PROCESSING');
    expect(bench.store.inFlight.of('acme')).toEqual([second.jobId]);
    await failJob(bench.context, { ...second, run: 1 }, new AnalysisError('internal', 'No.'));
    expect(bench.store.inFlight.of('acme')).toEqual([]);
  });

  it('are not those that wait for a token', async () => {
    const limits = { heavyBytes: 1, heavyPerMinute: 1, inFlightJobs: 1 };
    const bench = new Bench({ ...plain.settings, ...limits });
    bench.store.take('acme', 'heavy-analysis', { capacity: 1, refillPerMinute: 1 }, bench.now);
    await submitMany(bench, 1);
    await bench.drain(isDelayed(bench));
    expect(bench.store.inFlight.of('acme')).toEqual([]);
  });
});
