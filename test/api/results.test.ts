import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../lambdas/adapters/cache/memory-cache.ts';
import { createReadThrough } from '../../lambdas/api/cache/read-through.ts';
import { getActionQueue, getReport, getResult } from '../../lambdas/api/downloads.ts';
import { getItem, listItems } from '../../lambdas/api/items.ts';
import type { QueryServices } from '../../lambdas/api/query-services.ts';
import { getReadiness } from '../../lambdas/api/readiness.ts';
import { downloadLinkSchema, MAX_INLINE_BYTES } from '../../lambdas/contracts/api/downloads.ts';
import { itemAnswerSchema, itemPageSchema } from '../../lambdas/contracts/api/items.ts';
import { readinessSchema } from '../../lambdas/contracts/api/readiness.ts';
import { documentKey, reportCsvKey } from '../../lambdas/contracts/object-keys.ts';
import { itemKey } from '../../lambdas/domain/report/item-key.ts';
import type { ApiRequest, ApiResponse } from '../../lambdas/http/exchange.ts';
import { buildJob } from '../adapters/jobs.ts';
import { startPostgres } from '../database/postgres.ts';
import { migrateServer, openStore, resultOf, store } from '../database/results.ts';
import { CALLER, requestFor } from '../http/requests.ts';
import { MemoryStore } from '../simulation/memory-store.ts';
import { contextOver } from '../simulation/ports.ts';

const cluster = await startPostgres();
await migrateServer(cluster.primary);
afterAll(() => cluster.stop());
const { results } = openStore(cluster.primary);

const clock = { now: () => Date.parse('2026-03-02T10:00:00.000Z') };
const metrics = { count: () => undefined, seconds: () => undefined };
const memory = new MemoryStore();
const context = contextOver({ store: memory, now: clock.now, send: () => undefined });
let reads = 0;
const counted: typeof results = {
  ...results,
  listItems(run, query) {
    reads++;
    return results.listItems(run, query);
  },
};
const services: QueryServices = {
  jobs: context.jobs,
  objects: context.objects,
  results: counted,
  clock,
  links: {
    to: async (key) => ({ url: `https://files.example/${key}`, expiresAt: '2026-03-02T10:05:00.000Z' }),
  },
  answers: createReadThrough({ cache: createMemoryCache(clock), clock, metrics, random: () => 0 }),
  dependencies: [],
  warn: (message) => expect.fail(message),
};

const result = resultOf({ seed: 7, items: 120 });
const { jobId, tenant } = result.head;
await store(results, result);
const done = buildJob({ id: jobId, tenant, state: 'SUCCEEDED', resultExpiresAt: '2100-01-01T00:00:00.000Z' });
memory.create(done, []);
memory.put(documentKey({ tenant, jobId, run: 1 }), Buffer.from('{"document":true}\n'));
memory.put(reportCsvKey({ tenant, jobId, run: 1 }), Buffer.alloc(MAX_INLINE_BYTES + 1, 'x'));

const request = (
  operationId: Parameters<typeof requestFor>[0],
  query: Record<string, string[]> = {},
  changes: Partial<ApiRequest> = {},
) => requestFor(operationId, { parameters: { jobId }, query, ...changes });
const bodyOf = ({ body }: ApiResponse) =>
  body instanceof Uint8Array ? JSON.parse(Buffer.from(body).toString()) : body;

describe('the creatives of a job', () => {
  it('come page by page, each once, in the order asked for, as the contract says', async () => {
    const seen: { id: string; spend: number | null }[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string[]> = { sort: ['-spend'], limit: ['50'] };
      const page = await listItems(
        services,
        request('listItems', cursor === null ? query : { ...query, cursor: [cursor] }),
      );
      const { data, page: place } = itemPageSchema.parse(page.body);
      expect(place.total).toBe(120);
      expect(page.headers?.['Link'] === undefined).toBe(place.next === null);
      seen.push(...data);
      cursor = place.next;
    } while (cursor !== null);
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(result.items.map(({ item }) => item.id)));
    expect(seen.length).toBe(120);
    const spends = seen.map(({ spend }) => spend ?? -1);
    expect(spends).toEqual(spends.toSorted((a, b) => b - a));
  });

  it('pass every filter that is asked for', async () => {
    const query = { status: ['fatigued', 'terminal_decline'], replace: ['true'], minSpend: ['1'] };
    const { data } = itemPageSchema.parse((await listItems(services, request('listItems', query))).body);
    const wanted = result.items.filter(
      ({ item: { verdict, totals } }) =>
        ['fatigued', 'terminal_decline'].includes(verdict.fatigueStatus) &&
        verdict.replacementRecommended &&
        (totals.spend ?? 0) >= 1,
    );
    expect(wanted.length).toBeGreaterThan(3);
    expect(data.map(({ id }) => id).sort()).toEqual(wanted.map(({ item }) => item.id).sort());
  });

  it('are asked of the database once', async () => {
    const before = reads;
    const query = { q: ['reel'], limit: ['3'] };
    const first = await listItems(services, request('listItems', query));
    expect(await listItems(services, request('listItems', query))).toEqual(first);
    expect(reads - before).toBe(1);
  });

  it.each([
    ['an unknown parameter', { colour: ['red'] }],
    ['an unknown sort', { sort: ['name'] }],
    ['an unknown status', { status: ['tired'] }],
    ['too long a page', { limit: ['501'] }],
    ['a negative spend', { minSpend: ['-1'] }],
  ])('are refused to %s', async (_, query) => {
    await expect(listItems(services, request('listItems', query))).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('refuse the cursor of another sort', async () => {
    const first = await listItems(services, request('listItems', { limit: ['5'] }));
    const cursor = itemPageSchema.parse(first.body).page.next!;
    await expect(
      listItems(services, request('listItems', { limit: ['5'], sort: ['id'], cursor: [cursor] })),
    ).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});

describe('one creative', () => {
  const analysed = result.items.find(({ item }) => 'changePoints' in item.metrics.ctr)!;
  const key = itemKey(analysed.item.id);
  const ask = (include?: string) =>
    getItem(
      services,
      request('getItem', include === undefined ? {} : { include: [include] }, {
        parameters: { jobId, itemKey: key },
      }),
    );

  it('is the item of the result document', async () => {
    expect(itemAnswerSchema.parse(bodyOf(await ask()))).toEqual({ key, ...analysed.item });
  });

  it('comes with its series by columns, rates included', async () => {
    const { series } = itemAnswerSchema.parse(bodyOf(await ask('series')));
    const { days, impressions, clicks, spendMicros } = analysed.series;
    expect(series).toMatchObject({ days, impressions, clicks });
    expect(series?.spend?.[0]).toBe((spendMicros?.[0] ?? Number.NaN) / 1e6);
    expect(series?.ctr[3]).toBe(clicks[3]! / impressions[3]!);
    expect(series?.cpc?.[3]).toBe(clicks[3] === 0 ? null : spendMicros![3]! / 1e6 / clicks[3]!);
  });

  it('comes with its window distances, and otherwise unchanged', async () => {
    const content = bodyOf(await ask('distances'));
    const { values, ...summary } = content.metrics.ctr.distances;
    expect(values.length).toBe(content.metrics.ctr.n - 7);
    expect(Math.max(...values)).toBe(summary.max);
    delete content.metrics.ctr.distances.values;
    delete content.metrics.cpc?.distances?.values;
    expect(content).toEqual({ key, ...analysed.item });
  });

  it('is not found by another key or for another tenant', async () => {
    const other = { parameters: { jobId, itemKey: itemKey('nobody') } };
    await expect(getItem(services, request('getItem', {}, other))).rejects.toMatchObject({
      code: 'not_found',
    });
    const foreign = { parameters: { jobId, itemKey: key }, caller: { ...CALLER, tenant: 'other' } };
    await expect(getItem(services, request('getItem', {}, foreign))).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('files of a job', () => {
  it('are answered when they are short, linked to when they are long', async () => {
    const short = await getResult(services, request('getResult'));
    expect(short).toMatchObject({ status: 200, headers: { 'Content-Type': 'application/json' } });
    expect(Buffer.from(short.body as Uint8Array).toString()).toBe('{"document":true}\n');
    const long = await getReport(services, request('getReport'));
    const url = `https://files.example/reports/${tenant}/${jobId}/1/analysis_report.csv`;
    expect(long).toEqual({ status: 303, headers: { Location: url } });
  });

  it('are linked to where that is asked for', async () => {
    const linked = await getResult(services, request('getResult', { delivery: ['link'] }));
    expect(downloadLinkSchema.parse(linked.body)).toMatchObject({
      bytes: 18,
      contentType: 'application/json',
    });
  });

  it('have an action queue of everything that is to be done, worst first', async () => {
    const { body, headers } = await getActionQueue(services, request('getActionQueue'));
    expect(headers?.['Content-Type']).toBe('text/csv; charset=utf-8');
    const lines = Buffer.from(body as Uint8Array)
      .toString()
      .trimEnd()
      .split('\n');
    expect(lines[0]).toBe(
      'Rank,Action,Creative,Dataset,Status,Since,Risk Score,Spend,Overspend,Overspend %,Lost Clicks,Rationale,Link',
    );
    const all = await results.listActions(tenant, [{ tenant, jobId, run: 1 }], {
      actions: [],
      after: null,
      limit: 500,
    });
    expect(lines.length - 1).toBe(all.total);
    expect(all.total).toBeGreaterThan(5);
    expect(lines[1]).toMatch(/^1,(replace|refresh|watch),/);
    expect(lines[1]).toContain(`/api/jobs/${jobId}/items/${all.items[0]?.key}`);
    expect(await getActionQueue(services, request('getActionQueue'))).toMatchObject({ status: 200 });
    expect(memory.violations).toEqual([]);
  });
});

describe('a job without a result', () => {
  const ask = async (changes: Parameters<typeof buildJob>[0]) => {
    const id = `job_01KA${String(memory.jobs.size).padStart(22, '0')}`;
    memory.create(buildJob({ ...changes, id, tenant }), []);
    return listItems(services, request('listItems', {}, { parameters: { jobId: id } }));
  };

  it('says why there is none', async () => {
    await expect(ask({ state: 'PROCESSING' })).rejects.toMatchObject({ code: 'not_ready' });
    await expect(ask({ state: 'FAILED' })).rejects.toMatchObject({ code: 'not_found' });
    const expired = { state: 'SUCCEEDED', resultExpiresAt: '2026-03-02T10:00:00.000Z' } as const;
    await expect(ask(expired)).rejects.toMatchObject({ code: 'result_expired' });
    const deleted = { state: 'SUCCEEDED', deletedAt: '2026-03-02T09:00:00.000Z' } as const;
    await expect(ask(deleted)).rejects.toMatchObject({ code: 'result_expired' });
    await expect(ask({ state: 'SUCCEEDED' })).rejects.toMatchObject({ code: 'not_ready' });
  });
});

describe('readiness', () => {
  const up = { name: 'up', optional: false, check: async () => 1 };
  const down = { name: 'down', optional: false, check: () => Promise.reject(new Error('secret')) };
  let told: [message: string, error: unknown][] = [];
  const warn = (message: string, error: unknown) => void told.push([message, error]);
  beforeEach(() => {
    told = [];
  });
  const ask = (dependencies: QueryServices['dependencies']) =>
    getReadiness({ dependencies, warn }, request('getReadiness'));

  it('is there with every dependency, degraded without an optional one, gone without another', async () => {
    expect(readinessSchema.parse((await ask([up, up])).body).status).toBe('ok');
    const degraded = await ask([up, { ...down, optional: true }]);
    expect(readinessSchema.parse(degraded.body).status).toBe('degraded');
    await expect(ask([up, down])).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('says how much there is of what it knows that of, and is the same where nobody does', async () => {
    const capacity = {
      seenAt: '2026-03-02T10:00:00.000Z',
      status: 'available',
      limits: { gigabytes: 5, unitsPerSecond: 20_000 },
      used: { gigabytes: 1.5, unitsPerSecond: null },
    };
    const known = await ask([{ ...up, capacity: async () => capacity }]);
    expect(readinessSchema.parse(known.body).dependencies).toMatchObject([{ state: 'up', capacity }]);
    for (const unknown of [async () => null, () => Promise.reject(new Error('secret'))]) {
      const { body } = await ask([{ ...up, capacity: unknown }]);
      const [dependency] = readinessSchema.parse(body).dependencies;
      expect(dependency).toMatchObject({ state: 'up' });
      expect(dependency?.capacity).toBeUndefined();
    }
    expect(told).toEqual([['It is not known how much there is of the dependency up.', new Error('secret')]]);
  });

  it('does not tell what is wrong, and does not wait for what hangs', async () => {
    const hung = { name: 'hung', optional: false, check: () => new Promise(() => undefined) };
    const problem: unknown = await ask([down, hung]).catch((error: unknown) => error);
    const dependencies = [
      { name: 'down', state: 'down' },
      { name: 'hung', state: 'late' },
    ];
    expect(problem).toMatchObject({ options: { members: { dependencies } } });
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(told).toEqual([['The dependency down is down.', new Error('secret')]]);
  });
});
