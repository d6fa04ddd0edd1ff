import { DynamoDBClient, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoJobStore } from '../../lambdas/adapters/dynamodb-job-store.ts';
import type { Job, JobEvent } from '../../lambdas/contracts/job.ts';
import { buildEvent, buildJob } from './jobs.ts';
import { startJobsTable } from './jobs-table.ts';

const NOW = Date.parse('2026-03-02T00:00:00.000Z');
const DAY = 24 * 3600;
const table = await startJobsTable();
const clock = { now: () => NOW };
const store = createDynamoJobStore({ ...table, clock, keepSeconds: 30 * DAY });

async function records(partition: string): Promise<Record<string, string | undefined>[]> {
  const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.name }));
  return Items.filter(({ pk }) => pk?.S === partition).map((record) =>
    Object.fromEntries(Object.entries(record).map(([name, { S, N }]) => [name, S ?? N])),
  );
}

describe('a job', () => {
  it('comes back as it was stored', async () => {
    const job = buildJob({ hints: { delimiter: ';' }, plan: { kind: 'stream', bytes: 10, shards: 2 } });
    expect(await store.create(job, [])).toBe('created');
    expect(await store.get({ tenant: 'acme', jobId: job.id })).toEqual(job);
  });

  it('is found by its tenant alone', async () => {
    const job = buildJob();
    await store.create(job, []);
    expect(await store.get({ tenant: 'other', jobId: job.id })).toBeNull();
  });

  it('is created once', async () => {
    const job = buildJob();
    await store.create(job, [buildEvent('first')]);
    expect(await store.create(buildJob({ id: job.id, state: 'FAILED' }), [buildEvent('second')])).toBe(
      'exists',
    );
    expect((await store.get({ tenant: 'acme', jobId: job.id }))?.state).toBe('PENDING');
    expect(await records(`job#acme#${job.id}`)).toHaveLength(1);
  });

  it('is replaced by whoever saw it last, and by nobody else', async () => {
    const job = buildJob();
    await store.create(job, []);
    const contenders = Array.from({ length: 8 }, (_, run) => ({ ...job, revision: 2, run: run + 1 }));
    const outcomes = await Promise.all(contenders.map((contender) => store.replace(contender, [])));
    expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
    const winner = contenders[outcomes.indexOf('replaced')];
    expect(await store.get({ tenant: 'acme', jobId: job.id })).toEqual(winner);
    expect(await store.replace({ ...job, revision: 2, run: 99 }, [])).toBe('conflict');
    expect(await store.replace({ ...job, revision: 3 }, [])).toBe('replaced');
  });

  it('keeps what only a newer version knows', async () => {
    const newer = { ...buildJob(), colour: 'green' };
    await store.create(newer, []);
    const read = await store.get({ tenant: 'acme', jobId: newer.id });
    expect(read).toEqual(newer);
    await store.replace({ ...read!, revision: 2 }, []);
    expect(await store.get({ tenant: 'acme', jobId: newer.id })).toEqual({ ...newer, revision: 2 });
  });

  it('that was never created is not replaced', async () => {
    expect(await store.replace(buildJob({ revision: 2 }), [])).toBe('conflict');
  });

  it('is gone once its results have expired, although DynamoDB still has it', async () => {
    const past = buildJob({ state: 'SUCCEEDED', resultExpiresAt: new Date(NOW - 1000).toISOString() });
    const present = buildJob({ state: 'SUCCEEDED', resultExpiresAt: new Date(NOW + 1000).toISOString() });
    await store.create(past, []);
    await store.create(present, []);
    expect(await store.get({ tenant: 'acme', jobId: past.id })).toBeNull();
    expect(await store.get({ tenant: 'acme', jobId: present.id })).toEqual(present);
    const stored = (await records('tenant#acme')).find(({ sk }) => sk === `job#${present.id}`);
    expect(stored?.['expiresAt']).toBe(String(NOW / 1000 + 1));
  });
});

describe('a job without results', () => {
  const ref = (job: Job) => ({ tenant: 'acme', jobId: job.id });

  it('is kept a while after it ended', async () => {
    const ended = (secondsAgo: number) =>
      buildJob({ state: 'FAILED', finishedAt: new Date(NOW - secondsAgo * 1000).toISOString() });
    const [young, old] = [ended(29 * DAY), ended(30 * DAY)];
    for (const job of [young, old]) await store.create(job, []);
    expect(await store.get(ref(young))).toEqual(young);
    expect(await store.get(ref(old))).toBeNull();
  });

  it('is kept for good again once it is redriven', async () => {
    const failed = buildJob({ state: 'FAILED', finishedAt: new Date(NOW).toISOString() });
    await store.create(failed, []);
    await store.replace({ ...failed, revision: 2, state: 'PENDING', finishedAt: null }, []);
    const stored = (await records('tenant#acme')).find(({ sk }) => sk === `job#${failed.id}`);
    expect(stored?.['expiresAt']).toBeUndefined();
  });
});

describe('a write whose answer was lost', () => {
  // The server stores the request, and the client, told nothing but that it failed, sends it again.
  function forgetful(): DynamoDBClient {
    const client = new DynamoDBClient({ ...table.config, maxAttempts: 3 });
    let lost = false;
    client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        if (lost) return answer;
        lost = true;
        throw Object.assign(new Error('The connection broke.'), { name: 'TimeoutError' });
      },
      { step: 'deserialize', priority: 'high', name: 'lose-first-answer' },
    );
    return client;
  }

  it('is not taken for one that lost against another', async () => {
    const job = buildJob();
    const lossy = () => createDynamoJobStore({ ...table, client: forgetful(), clock, keepSeconds: DAY });
    expect(await lossy().create(job, [buildEvent('e')])).toBe('created');
    expect(await lossy().replace({ ...job, revision: 2, state: 'PLANNING' }, [])).toBe('replaced');
    expect(await lossy().replace({ ...job, revision: 2, state: 'FAILED' }, [])).toBe('conflict');
    expect(await records(`job#acme#${job.id}`)).toHaveLength(1);
  });
});

describe('events', () => {
  it('are kept in the order of time, each once, and apart from those of another tenant', async () => {
    const job = buildJob();
    const ref = { tenant: 'acme', jobId: job.id };
    await store.create(job, [buildEvent('r1')]);
    await store.replace({ ...job, revision: 2 }, [buildEvent('r2', { at: '2026-03-01T11:00:00.000Z' })]);
    await store.append(ref, buildEvent('r0', { at: '2026-03-01T09:00:00.000Z' }));
    await store.append(ref, buildEvent('r1'));
    await store.append({ ...ref, tenant: 'other' }, buildEvent('r9'));
    const stored = await records(`job#acme#${job.id}`);
    expect(stored.map(({ sk }) => sk).sort()).toEqual([
      'event#2026-03-01T09:00:00.000Z#r0',
      'event#2026-03-01T10:00:00.000Z#r1',
      'event#2026-03-01T11:00:00.000Z#r2',
    ]);
    expect(stored.every(({ expiresAt }) => expiresAt === String(NOW / 1000 + 30 * DAY))).toBe(true);
    expect(JSON.parse(stored.find(({ sk }) => sk?.endsWith('r1'))?.['event'] ?? '')).toEqual(
      buildEvent('r1'),
    );
  });

  it('are not written for a replacement that lost', async () => {
    const job = buildJob();
    await store.create(job, []);
    await store.replace({ ...job, revision: 7 }, [buildEvent('lost')]);
    expect(await records(`job#acme#${job.id}`)).toEqual([]);
  });
});

describe('lists', () => {
  const jobs = Array.from({ length: 5 }, () => buildJob({ tenant: 'lists' }));
  const ids = jobs.map(({ id }) => id).reverse();
  const list = async (query: { before?: string; since?: string; limit?: number }) => {
    const found = await store.list({ tenant: 'lists', before: null, since: '', limit: 100, ...query });
    return found.map(({ id }) => id);
  };

  it('of jobs go from the newest id down, page by page, within a tenant', async () => {
    const gone = buildJob({ tenant: 'lists', state: 'FAILED', finishedAt: '2020-01-01T00:00:00.000Z' });
    for (const job of [...jobs, gone, buildJob({ tenant: 'lists-2' })]) await store.create(job, []);
    expect(await list({})).toEqual(ids);
    expect(await list({ limit: 2 })).toEqual(ids.slice(0, 2));
    expect(await list({ limit: 2, before: ids[1]! })).toEqual(ids.slice(2, 4));
    expect(await list({ before: ids[4]! })).toEqual([]);
    expect(await list({ since: ids[2]! })).toEqual(ids.slice(0, 3));
    expect(await list({ since: ids[2]!, before: ids[0]! })).toEqual(ids.slice(1, 3));
  });

  it('of events go from either end, page by page', async () => {
    const ref = { tenant: 'lists', jobId: jobs[0]!.id };
    const events = ['a', 'b', 'c'].flatMap((id) => [
      buildEvent(id, { at: '2026-03-01T10:00:00.000Z' }),
      buildEvent(id, { at: '2026-03-01T11:00:00.000Z' }),
    ]);
    for (const event of events) await store.append(ref, event);
    const sorted = events.toSorted((a, b) => (`${a.at}${a.id}` < `${b.at}${b.id}` ? -1 : 1));
    const read = (order: 'oldest' | 'newest', after: JobEvent | null, limit: number) =>
      store.events(ref, { order, after, limit });
    expect(await read('oldest', null, 10)).toEqual(sorted);
    expect(await read('newest', null, 10)).toEqual(sorted.toReversed());
    expect(await read('oldest', sorted[2]!, 2)).toEqual(sorted.slice(3, 5));
    expect(await read('newest', sorted[2]!, 2)).toEqual([sorted[1], sorted[0]]);
    expect(await read('oldest', sorted[5]!, 2)).toEqual([]);
    expect(
      await store.events({ ...ref, tenant: 'lists-2' }, { order: 'oldest', after: null, limit: 9 }),
    ).toEqual([]);
  });
});

describe('stale jobs', () => {
  const at = (minute: number) => `2020-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;
  const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id);

  it('are those with work to do that were not written since, longest ago first', async () => {
    const open = Array.from({ length: 9 }, (_, minute) =>
      buildJob({ tenant: `tenant-${minute}`, touchedAt: at(minute) }),
    );
    const over = buildJob({ state: 'SUCCEEDED', touchedAt: at(1) });
    for (const job of [...open.toReversed(), over]) await store.create(job, []);
    expect(ids(await store.listStale('work', at(7), 100))).toEqual(ids(open.slice(0, 7)));
    expect(ids(await store.listStale('work', at(7), 3))).toEqual(ids(open.slice(0, 3)));

    await store.replace({ ...open[0]!, revision: 2, state: 'CANCELLED' }, []);
    await store.replace({ ...open[1]!, revision: 2, touchedAt: at(30) }, []);
    expect(ids(await store.listStale('work', at(7), 2))).toEqual(ids(open.slice(2, 4)));
  });

  it('are found under the heading that fits them', async () => {
    const error = { code: 'internal', message: 'No.', remedy: null, resumable: true } as const;
    const upload = buildJob({ state: 'AWAITING_UPLOAD', touchedAt: at(0) });
    const untold = buildJob({ state: 'FAILED', error: { ...error, announced: false }, touchedAt: at(0) });
    const told = buildJob({ state: 'FAILED', error: { ...error, announced: true }, touchedAt: at(0) });
    for (const job of [upload, untold, told]) await store.create(job, []);
    expect(ids(await store.listStale('upload', at(1), 10))).toEqual([upload.id]);
    expect(ids(await store.listStale('alert', at(1), 10))).toEqual([untold.id]);
  });

  it('are looked at as they are now, whatever the index still says', async () => {
    const job = buildJob({ state: 'AWAITING_UPLOAD', touchedAt: at(2) });
    await store.create(job, []);
    await table.client.send(
      new UpdateItemCommand({
        TableName: table.name,
        Key: { pk: { S: 'tenant#acme' }, sk: { S: `job#${job.id}` } },
        UpdateExpression: 'SET job = :job',
        ExpressionAttributeValues: { ':job': { S: JSON.stringify({ ...job, state: 'PENDING' }) } },
      }),
    );
    expect(ids(await store.listStale('upload', at(3), 10))).not.toContain(job.id);
  });
});
