import { describe, expect, it } from 'vitest';
import type { QueueMessage } from '../../lambdas/contracts/messages.ts';
import { retryDelaySeconds } from '../../lambdas/domain/job/retry.ts';
import { redriveJob } from '../../lambdas/pipeline/redrive.ts';
import { named } from '../simulation/datasets.ts';
import type { Gate } from '../simulation/ports.ts';
import { Bench } from './run-pipeline.ts';

const plain = named('plain');

/** A gate at which the named calls fail while `failing` holds them. */
function failingGate(failing: Set<string>): Gate {
  return async (name, effect) => {
    if (failing.has(name)) throw new Error(`${name} is down`);
    return effect();
  };
}

describe('retries', () => {
  it('wait 5, 10 and 20 seconds, and end after the fourth attempt', () => {
    expect([1, 2, 3, 4, 5].map(retryDelaySeconds)).toEqual([5, 10, 20, null, null]);
  });

  it('are left to the queue, then fail the job with what was done kept', async () => {
    const failing = new Set<string>();
    const bench = new Bench(plain.settings, failingGate(failing));
    const ref = await bench.submit(plain);
    await bench.drain(() => bench.waiting[0]?.message.type === 'scan');
    const [first, ...others] = bench.waiting.map(({ message }) => message);
    const scan: QueueMessage = first ?? expect.fail('no scan message');
    failing.add('put');
    for (const [i, delaySeconds] of [5, 10, 20].entries()) {
      expect(await bench.handle(scan, i + 1)).toMatchObject({ action: 'retry', delaySeconds });
    }
    expect(bench.job(ref).state).toBe('PROCESSING');
    expect(await bench.handle(scan, 4)).toMatchObject({ action: 'dead-letter' });

    const { state, error } = bench.job(ref);
    expect(state).toBe('FAILED');
    expect(error).toMatchObject({ code: 'internal', resumable: true, announced: true });
    expect(error?.message).toContain('"scan 0" failed 4 times, at last with: Error: put is down');
    const attempts = bench.store.timeline(ref).filter(({ task }) => task === 'scan 0');
    expect(attempts.map(({ kind, attempt }) => `${kind} ${attempt}`)).toEqual([
      'attempt_failed 1',
      'attempt_failed 2',
      'attempt_failed 3',
      'given_up 4',
    ]);
    expect(await bench.handle(scan, 5)).toMatchObject({ action: 'dead-letter' });
    for (const other of others) expect(await bench.handle(other)).toMatchObject({ outcome: 'stale' });
    expect(bench.store.failures).toHaveLength(1);
  });

  it('of a redriven job do only what was missing', async () => {
    const failing = new Set<string>();
    const bench = new Bench(plain.settings, failingGate(failing));
    const ref = await bench.submit(plain);
    await bench.drain(() => bench.waiting[0]?.message.type === 'analyse');
    failing.add('put');
    const [analyse] = bench.waiting.splice(0);
    await bench.handle(analyse?.message ?? expect.fail('no analysis'), 4);
    expect(bench.job(ref).state).toBe('FAILED');

    failing.clear();
    const scanned = bench.sent.filter(({ message }) => message.type === 'scan').length;
    expect((await redriveJob(bench.context, ref))?.state).toBe('PENDING');
    await bench.drain();
    expect(bench.job(ref).state).toBe('SUCCEEDED');
    expect(bench.job(ref).run).toBe(1);
    expect(bench.sent.filter(({ message }) => message.type === 'scan')).toHaveLength(scanned);
  });

  it('are not for a worker that dies at every attempt: the fifth delivery fails the job without a sixth death', async () => {
    const bench = new Bench(plain.settings);
    const ref = await bench.submit(plain);
    await bench.drain(() => bench.waiting[0]?.message.type === 'scan');
    const scan = bench.waiting[0]?.message ?? expect.fail('no scan message');
    expect(await bench.handle(scan, 5)).toMatchObject({ action: 'dead-letter' });
    expect(bench.job(ref).error?.message).toContain('died at every attempt');
  });

  it('do not fail a job for a task that was done and only never acknowledged', async () => {
    const bench = new Bench(plain.settings);
    const ref = await bench.submit(plain);
    await bench.drain(() => bench.waiting[0]?.message.type === 'scan');
    const scan = bench.waiting[0]?.message ?? expect.fail('no scan message');
    await bench.handle(scan);
    expect(await bench.handle(scan, 5)).toMatchObject({ action: 'acknowledge', outcome: 'done' });
    await bench.drain();
    expect(bench.job(ref).state).toBe('SUCCEEDED');
  });

  it('do not happen to a refused file', async () => {
    const poison = named('too many rejected');
    const bench = new Bench(poison.settings);
    const ref = await bench.submit(poison);
    const handled = await bench.drain();
    expect(handled.every(({ action }) => action === 'acknowledge')).toBe(true);
    const { state, error } = bench.job(ref);
    expect(state).toBe('FAILED');
    expect(error).toMatchObject({ code: 'too_many_rejected_rows', resumable: false, announced: true });
    expect(error?.message).toContain('bad_integer 14');
    expect(bench.store.failures).toMatchObject([{ jobId: ref.jobId, code: 'too_many_rejected_rows' }]);
  });

  it('are due when not even the failure can be recorded', async () => {
    const failing = new Set<string>();
    const bench = new Bench(plain.settings, failingGate(failing));
    await bench.submit(plain);
    failing.add('get').add('append');
    await expect(bench.drain()).resolves.toMatchObject([{ action: 'retry' }]);
    failing.add('replace');
    const upload = bench.sent[0]?.message ?? expect.fail('no upload');
    failing.delete('get');
    await expect(bench.handle(upload)).resolves.toMatchObject({ action: 'retry' });
  });
});
