import { describe, expect, it } from 'vitest';
import { readDataset } from '../../lambdas/domain/input/dataset.ts';
import { isBearable, storm, stormReport } from '../../load/storm.ts';
import { exportOf } from '../../load/uploads.ts';
import { serve } from './server.ts';

interface Job {
  readonly at: number;
  asked: number;
}

const OTHER_MS = 100;

/** An API whose jobs of `a` take the given time each, one after another, and those of `b` a tenth of a second. */
async function serveJobs(eachMs: number, endsAs = 'SUCCEEDED') {
  const jobs = new Map<string, Job>();
  let busyUntil = 0;
  const served = await serve(({ method, path, authorization, body }, response) => {
    if (method === 'PUT') return void response.end();
    if (method === 'POST') {
      const id = `job_${jobs.size}`;
      const now = Date.now();
      busyUntil = authorization === 'Bearer a' ? Math.max(now, busyUntil) + eachMs : busyUntil;
      jobs.set(id, { at: authorization === 'Bearer a' ? busyUntil : now + OTHER_MS, asked: 0 });
      const { bytes } = JSON.parse(body);
      const upload = {
        url: new URL(`put/${id}?${bytes}`, served.url).href,
        headers: { 'Content-Type': 'text/csv' },
      };
      return void response.writeHead(201).end(JSON.stringify({ job: { id }, upload }));
    }
    const job = jobs.get(path.split('/').at(-1) ?? '');
    if (job === undefined) return void response.writeHead(404).end('{}');
    if (job.asked++ === 0) return void response.writeHead(429, { 'Retry-After': '0' }).end();
    const over = Date.now() >= job.at;
    const finishedAt = over ? new Date(job.at).toISOString() : null;
    return void response.end(
      JSON.stringify({ state: over ? endsAs : 'PROCESSING', finishedAt, error: null }),
    );
  });
  return served;
}

describe('a dataset storm', () => {
  it('tells how long the other tenant waits, and how the flood drains', async () => {
    const { url, seen } = await serveJobs(20);
    const measured = await storm({ url, token: 'a', otherToken: 'b', uploads: 40 });
    expect(measured.ends).toHaveLength(40);
    expect(measured.ends).toEqual([...measured.ends].sort((one, other) => one - other));
    expect(measured.ends.at(-1)).toBeGreaterThan(0.79);
    expect(measured.inFlood).toBeLessThan(measured.ends.at(-1)!);
    for (const waited of [measured.alone, measured.inFlood])
      expect(waited).toBeGreaterThan(OTHER_MS / 1000 - 0.002);
    const sent = seen.filter(({ method }) => method === 'PUT');
    expect(new Set(sent.map(({ body }) => body)).size).toBe(42);
    expect(sent.every(({ path, body }) => path.endsWith(`?${Buffer.byteLength(body)}`))).toBe(true);
    const order = seen.filter(({ method }) => method === 'POST').map(({ authorization }) => authorization);
    expect(order[0]).toBe('Bearer b');
    const inFlood = order.lastIndexOf('Bearer b');
    expect(inFlood).toBeGreaterThan(20);
  });

  it('is no measurement when a job fails', async () => {
    const { url } = await serveJobs(0, 'FAILED');
    await expect(storm({ url, token: 'a', otherToken: 'b', uploads: 2 })).rejects.toThrow(/is FAILED/);
  });

  it('says whether the wait was bearable', () => {
    const ends = Array.from({ length: 200 }, (_, i) => (i + 1) / 5);
    const measured = { uploads: 200, alone: 0.9, inFlood: 4.2, accepted: 6, ends };
    expect(stormReport(measured).split('\n')).toEqual([
      'dataset storm: 200 uploads of one tenant, one of another in the middle',
      'the other tenant waited 4.2 s (alone 0.9 s; target < 30 s): met',
      'the flood was taken within 6.0 s and done within 40.0 s, 300 jobs a minute',
      'done: 10 % after 4.0 s, 25 % after 10.0 s, 50 % after 20.0 s, 75 % after 30.0 s, 90 % after 36.0 s, 100 % after 40.0 s',
      '',
    ]);
    expect(isBearable(measured)).toBe(true);
    expect(stormReport({ ...measured, inFlood: 30 })).toContain('MISSED');
  });
});

describe('an export of a storm', () => {
  it('has ten creatives of ninety days, and no like', async () => {
    const bytes = async function* (number: number) {
      yield Buffer.from(exportOf(number));
    };
    const { itemCount, rows } = await readDataset(bytes(1));
    expect([itemCount, rows.read, rows.rejected]).toEqual([10, 900, 0]);
    expect(new Set(Array.from({ length: 202 }, (_, number) => exportOf(number))).size).toBe(202);
  });
});
