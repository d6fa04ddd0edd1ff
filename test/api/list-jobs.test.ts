import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listJobs } from '../../lambdas/api/list-jobs.ts';
import { jobPageSchema } from '../../lambdas/contracts/api/jobs.ts';
import type { Job } from '../../lambdas/contracts/job.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { Problem } from '../../lambdas/http/problem.ts';
import { buildEvent, buildJob } from '../adapters/jobs.ts';
import { requestFor } from '../http/requests.ts';
import { createServices, NOW } from './services.ts';

const HOUR = 3_600_000;

function jobOf(hoursAgo: number, changes: Partial<Job> = {}): Job {
  const created = NOW - hoursAgo * HOUR;
  const createdAt = new Date(created).toISOString();
  return buildJob({ id: jobIdOf(created, `${hoursAgo}`), createdAt, ...changes });
}

async function pageOf(cloud: ReturnType<typeof createServices>, query: Record<string, string[]>) {
  const response = await listJobs(cloud.services, requestFor('listJobs', { query }));
  return jobPageSchema.parse(response.body);
}

async function idsOf(cloud: ReturnType<typeof createServices>, query: Record<string, string[]>) {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof pageOf>> = await pageOf(cloud, {
      ...query,
      ...(cursor !== null && { cursor: [cursor] }),
    });
    ids.push(...page.data.map(({ id }) => id));
    cursor = page.page.next;
  } while (cursor !== null);
  return ids;
}

function filled(jobs: readonly Job[]) {
  const cloud = createServices();
  for (const job of jobs) cloud.store.create(job, []);
  return cloud;
}

const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id);

describe('the list of jobs', () => {
  const jobs = [
    jobOf(1, { state: 'FAILED', dataset: { id: 'ds_1', name: 'Spring UK' } }),
    jobOf(2, { state: 'PENDING', dataset: { id: 'ds_1', name: 'Spring UK' } }),
    jobOf(3, { state: 'SUCCEEDED', dataset: { id: 'ds_2', name: 'Été à Paris' } }),
    jobOf(4, { state: 'PROCESSING', dataset: { id: 'ds_3', name: 'autumn' } }),
  ];
  const cloud = filled([...jobs, jobOf(0, { tenant: 'other' })]);

  it.each([
    ['everything', {}, [0, 1, 2, 3]],
    ['one state', { state: ['FAILED'] }, [0]],
    ['some states', { state: ['FAILED', 'SUCCEEDED'] }, [0, 2]],
    ['a dataset', { dataset: ['ds_1'] }, [0, 1]],
    ['part of a name', { q: ['ÉTÉ'] }, [2]],
    ['a time', { createdAfter: [new Date(NOW - 3 * HOUR).toISOString()] }, [0, 1]],
    ['a time in another zone', { createdAfter: ['2026-03-02T08:00:00+01:00'] }, [0, 1]],
    ['several at once', { dataset: ['ds_1'], state: ['PENDING'] }, [1]],
    ['nothing', { q: ['winter'] }, []],
  ])('is newest first, filtered by %s', async (_, query, expected) => {
    const wanted = expected.map((i) => jobs[i]!.id);
    expect(await idsOf(cloud, query)).toEqual(wanted);
    expect(await idsOf(cloud, { ...query, limit: ['1'] })).toEqual(wanted);
  });

  it('is of the datasets that are in a portfolio now, or in none', async () => {
    const idOf = (prefix: string, n: number) => `${prefix}_${`${n}`.padStart(26, '0')}`;
    const own = [1, 1, 2, 3].map((n, i) => jobOf(i, { dataset: { id: idOf('ds', n), name: 'Spring' } }));
    const filed = filled(own);
    const at = new Date(NOW).toISOString();
    const stored = { tenant: 'acme', revision: 1, createdAt: at, updatedAt: at };
    const [spring, empty] = [idOf('pf', 1), idOf('pf', 2)];
    const portfolios = [spring, empty].map((id) => ({ id, name: id, createdAt: at, updatedAt: at }));
    await filed.portfolios.replace({ tenant: 'acme', revision: 1, portfolios });
    const file = { version: 1, key: 'k', fileName: 'f', bytes: 1, createdAt: at, multipart: null };
    const versions = [{ ...file, jobId: own[0]!.id }];
    // The third is of a file that was put there by hand.
    for (const [n, portfolioId] of [[1, spring] as const, [2, null] as const])
      await filed.services.datasets.create({
        ...stored,
        id: idOf('ds', n),
        name: `${n}`,
        portfolioId,
        versions,
      });
    expect(await idsOf(filed, { portfolio: [spring] })).toEqual(ids(own.slice(0, 2)));
    expect(await idsOf(filed, { portfolio: [empty] })).toEqual([]);
    expect(await idsOf(filed, { portfolio: ['unassigned'] })).toEqual(ids(own.slice(2)));
    expect(await idsOf(filed, { portfolio: ['all'] })).toEqual(ids(own));
    await expect(idsOf(filed, { portfolio: [idOf('pf', 3)] })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('knows jobs of which a task waits for its next attempt', async () => {
    const retrying = jobOf(5, { state: 'PENDING' });
    const withFailure = filled([...jobs, retrying]);
    const failure = buildEvent('1-plan-1', { kind: 'attempt_failed', task: 'plan', attempt: 1 });
    withFailure.store.append({ tenant: 'acme', jobId: retrying.id }, failure);
    expect(await idsOf(withFailure, { retrying: ['true'] })).toEqual([retrying.id]);
    expect(await idsOf(withFailure, { retrying: ['false'] })).toEqual(ids(jobs));
    expect((await pageOf(withFailure, { retrying: ['true'] })).data[0]?.progress.retrying).toBe(1);
  });

  it('finds a job whose file came long before it was heard of', async () => {
    const late = jobOf(20, { createdAt: new Date(NOW).toISOString() });
    const query = { createdAfter: [new Date(NOW - HOUR).toISOString()] };
    expect(await idsOf(filled([late]), query)).toEqual([late.id]);
  });

  it.each([
    [{ limit: ['0'] }, '?limit'],
    [{ limit: ['201'] }, '?limit'],
    [{ state: ['LOST'] }, '?state'],
    [{ createdAfter: ['yesterday'] }, '?createdAfter'],
    [{ colour: ['red'] }, '?colour'],
  ])('refuses %j', async (query, pointer) => {
    const refusal = await pageOf(cloud, query).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Problem);
    expect(refusal instanceof Problem && refusal.options.errors?.map((error) => error.pointer)).toEqual([
      pointer,
    ]);
  });

  it('looks at a bounded number of jobs for a page, and goes on from there', async () => {
    const many = Array.from({ length: 1500 }, (_, i) => jobOf(i / 100));
    const last = jobOf(1000, { dataset: { id: 'ds_9', name: 'rare' } });
    const large = filled([...many, last]);
    const first = await pageOf(large, { q: ['rare'] });
    expect(first.data).toEqual([]);
    expect(first.page.next).not.toBeNull();
    expect(await idsOf(large, { q: ['rare'] })).toEqual([last.id]);
  });

  it('gives each job once, whatever the sizes of pages, also when jobs are made meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        async (hours, limits) => {
          const all = hours.toSorted((a, b) => a - b).map((ago) => jobOf(ago));
          const growing = filled(all);
          const seen: string[] = [];
          let cursor: string[] | undefined;
          for (let i = 0; i === 0 || cursor !== undefined; i++) {
            const limit = String(limits[i % limits.length]);
            const page = await pageOf(growing, { limit: [limit], ...(cursor && { cursor }) });
            expect(page.data.length).toBeLessThanOrEqual(Number(limit));
            seen.push(...page.data.map(({ id }) => id));
            growing.store.create(jobOf(-i - 1), []);
            cursor = page.page.next === null ? undefined : [page.page.next];
          }
          expect(seen).toEqual(ids(all));
        },
      ),
      { numRuns: 30 },
    );
  });
});
