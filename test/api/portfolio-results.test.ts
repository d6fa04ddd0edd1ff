import { afterAll, describe, expect, it } from 'vitest';
import { getActionsCsv, listActions } from '../../lambdas/api/actions.ts';
import { getOverview } from '../../lambdas/api/overview.ts';
import type { PortfolioServices } from '../../lambdas/api/portfolio-services.ts';
import { actionPageSchema, overviewSchema } from '../../lambdas/contracts/api/portfolios.ts';
import type { Dataset } from '../../lambdas/contracts/dataset.ts';
import type { Job } from '../../lambdas/contracts/job.ts';
import type { OperationId } from '../../lambdas/contracts/routes.ts';
import { idOf, jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { actionOf } from '../../lambdas/domain/report/action.ts';
import type { StoredItem } from '../../lambdas/ports/result-store.ts';
import { buildJob } from '../adapters/jobs.ts';
import { startPostgres } from '../database/postgres.ts';
import { migrateServer, openStore, resultOf, store, type TestResult, TIME } from '../database/results.ts';
import { CALLER, requestFor } from '../http/requests.ts';
import { MemoryStore } from '../simulation/memory-store.ts';
import { contextOver } from '../simulation/ports.ts';
import { memoryDatasets, memoryPortfolios } from './memory-uploads.ts';

const cluster = await startPostgres();
await migrateServer(cluster.primary);
afterAll(() => cluster.stop());
const { results } = openStore(cluster.primary);

const NOW = Date.parse('2026-03-02T10:00:00.000Z');
const AT = new Date(NOW).toISOString();
const LATER = '2100-01-01T00:00:00.000Z';
const memory = new MemoryStore();
const context = contextOver({ store: memory, now: () => NOW, send: () => undefined });
const services: PortfolioServices = {
  ...{ results, datasets: memoryDatasets(), portfolios: memoryPortfolios() },
  ...{ jobs: context.jobs, objects: context.objects, clock: { now: () => NOW } },
  links: { to: async (key) => ({ url: `https://files.example/${key}`, expiresAt: AT }) },
};

const UK = idOf('pf', 0, 'uk');
const GONE = idOf('pf', 0, 'gone');
await services.portfolios.replace({
  ...{ tenant: 'acme', revision: 1 },
  portfolios: [{ id: UK, name: 'UK', createdAt: AT, updatedAt: AT }],
});

async function addDataset(name: string, portfolioId: string | null): Promise<Dataset['id']> {
  const id = idOf('ds', 0, name);
  const version = { version: 1, jobId: jobIdOf(TIME, name), key: 'k', fileName: 'f', bytes: 1 };
  await services.datasets.create({
    ...{ id, tenant: 'acme', revision: 1, name, portfolioId, createdAt: AT, updatedAt: AT },
    versions: [{ ...version, createdAt: AT, multipart: null }],
  });
  return id;
}

/** Some of those that are to be replaced, as if they were wearing out early only. */
function wornEarly({ item, series }: StoredItem, index: number): StoredItem {
  if (index % 3 !== 0 || !item.verdict.replacementRecommended) return { item, series };
  const verdict = { fatigueStatus: 'early_fatigue', replacementRecommended: false } as const;
  return { item: { ...item, verdict: { ...item.verdict, ...verdict } }, series };
}

/** A job with its record; its result is in the database unless it is said not to be. */
async function addResult(
  seed: number,
  datasetId: string,
  about: { currency?: string; loaded?: boolean; state?: Job['state']; expiresAt?: string } = {},
): Promise<TestResult> {
  const { currency = 'GBP', loaded = true, state = 'SUCCEEDED', expiresAt = LATER } = about;
  const dataset = { id: datasetId, name: `Name of ${datasetId.slice(-3)}` };
  const { head, items } = resultOf({ seed, items: 40, dataset, currency, expiresAt });
  const result = { head, items: items.map(wornEarly) };
  if (loaded) await store(results, result);
  const resultExpiresAt = state === 'SUCCEEDED' ? expiresAt : null;
  memory.create(buildJob({ id: result.head.jobId, state, dataset, resultExpiresAt, stored: loaded }), []);
  return result;
}

const [spring, autumn, winter, lost] = [
  await addDataset('spring', UK),
  await addDataset('autumn', UK),
  await addDataset('winter', null),
  await addDataset('lost', GONE),
];
await addResult(1, spring);
const newSpring = await addResult(11, spring);
await addResult(12, spring, { state: 'FAILED', loaded: false });
const oldAutumn = await addResult(2, autumn, { currency: 'EUR' });
const newWinter = await addResult(3, winter, { currency: 'EUR' });
const newLost = await addResult(4, lost);
const byHand = await addResult(5, 'inbox');
await addResult(6, 'past', { expiresAt: AT });
await store(results, resultOf({ seed: 90, items: 40, tenant: 'other' }));

function about(operation: OperationId, portfolioId: string, query: Record<string, string[]> = {}) {
  return requestFor(operation, { parameters: { portfolioId }, query });
}

async function overviewOf(portfolioId: string) {
  return overviewSchema.parse((await getOverview(services, about('getOverview', portfolioId))).body);
}

async function pages(portfolioId: string, query: Record<string, string[]> = {}) {
  const seen = [];
  let total = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const asked: Record<string, string[]> = { ...query, ...(cursor && { cursor: [cursor] }) };
    const { body } = await listActions(services, about('listActions', portfolioId, asked));
    const { data, page } = actionPageSchema.parse(body);
    seen.push(...data);
    total = page.total ?? 0;
    cursor = page.next;
  }
  expect(total).toBe(seen.length);
  return seen;
}

const idsOf = (list: readonly TestResult[]) => list.map(({ head }) => head.jobId);
const itemsOf = (list: readonly TestResult[]) => list.flatMap(({ items }) => items.map(({ item }) => item));
const sum = (values: readonly (number | null)[]) =>
  values.reduce<number>((all, value) => all + (value ?? 0), 0);
const AT_RISK = ['early_fatigue', 'fatigued', 'terminal_decline'];

/** The figures of some results of one currency, added up from their items. */
function figuresOf(list: readonly TestResult[]) {
  const items = itemsOf(list);
  const atRisk = items.filter(({ verdict }) => AT_RISK.includes(verdict.fatigueStatus));
  const replace = items.filter(({ verdict }) => verdict.replacementRecommended);
  const spend = sum(items.map(({ totals }) => totals.spend));
  const riskSpend = sum(atRisk.map(({ totals }) => totals.spend));
  const overspend = (some: typeof items) => sum(some.map(({ impact }) => impact.actualOverspend));
  return {
    creativesAnalysed: sum(list.map(({ head }) => head.document.totals.analysed)),
    spend: expect.closeTo(spend, 6),
    actualOverspend: expect.closeTo(overspend(items), 6),
    engagementGapClicks: expect.closeTo(sum(items.map(({ impact }) => impact.engagementGapClicks)), 6),
    atRisk: {
      creatives: atRisk.length,
      spend: expect.closeTo(riskSpend, 6),
      share: expect.closeTo(riskSpend / spend, 9),
    },
    replaceNow: { creatives: replace.length, actualOverspend: expect.closeTo(overspend(replace), 6) },
  };
}

describe('the overview', () => {
  it('of a portfolio has the newest result of each of its datasets, by currency', async () => {
    const overview = await overviewOf(UK);
    expect(overview).toMatchObject({ scope: { id: UK, name: 'UK' }, generatedAt: AT, jobs: 2, omitted: 0 });
    expect(overview.missingReports).toEqual([]);
    expect(overview.byCurrency).toEqual([
      { currency: 'EUR', ...figuresOf([oldAutumn]) },
      { currency: 'GBP', ...figuresOf([newSpring]) },
    ]);
    const counted = Object.values(overview.statuses).reduce((all, count) => all + count, 0);
    expect(counted).toBe(sum(overview.byCurrency.map(({ creativesAnalysed }) => creativesAnalysed)));
    const healthy = itemsOf([newSpring, oldAutumn]).filter(
      ({ verdict }) => verdict.fatigueStatus === 'healthy',
    );
    expect([overview.statuses.healthy, healthy.length > 5]).toEqual([healthy.length, true]);
  });

  it('of what is in none has datasets without a record, and those whose portfolio is gone', async () => {
    const overview = await overviewOf('unassigned');
    expect(overview).toMatchObject({ scope: { id: 'unassigned', name: null }, jobs: 3 });
    expect(overview.byCurrency).toEqual([
      { currency: 'EUR', ...figuresOf([newWinter]) },
      { currency: 'GBP', ...figuresOf([newLost, byHand]) },
    ]);
  });

  it('of all has every dataset once', async () => {
    const overview = await overviewOf('all');
    expect(overview.jobs).toBe(5);
    expect(overview.byCurrency).toEqual([
      { currency: 'EUR', ...figuresOf([oldAutumn, newWinter]) },
      { currency: 'GBP', ...figuresOf([newSpring, newLost, byHand]) },
    ]);
  });

  it('names the job whose figures are missing, instead of showing older ones', async () => {
    const fresh = await addResult(13, autumn, { currency: 'EUR', loaded: false });
    const overview = await overviewOf(UK);
    expect(overview).toMatchObject({ jobs: 2, missingReports: [fresh.head.jobId] });
    expect(overview.byCurrency).toEqual([{ currency: 'GBP', ...figuresOf([newSpring]) }]);
    await store(results, fresh);
    const complete = await overviewOf(UK);
    expect(complete.missingReports).toEqual([]);
    expect(complete.byCurrency[0]).toEqual({ currency: 'EUR', ...figuresOf([fresh]) });
  });

  it('forgets what was deleted', async () => {
    const gone = await addResult(15, autumn, { loaded: false });
    const job = memory.get({ tenant: 'acme', jobId: gone.head.jobId })!;
    memory.replace({ ...job, revision: job.revision + 1, deletedAt: AT }, []);
    expect(await overviewOf(UK)).toMatchObject({ jobs: 2, missingReports: [] });
  });

  it('of an unknown portfolio, or one of another tenant, is not found', async () => {
    await expect(overviewOf(GONE)).rejects.toMatchObject({ code: 'not_found' });
    const foreign = requestFor('getOverview', {
      parameters: { portfolioId: UK },
      caller: { ...CALLER, tenant: 'other' },
    });
    await expect(getOverview(services, foreign)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('of a tenant without results is empty', async () => {
    const caller = { ...CALLER, tenant: 'nobody' };
    const request = requestFor('getOverview', { parameters: { portfolioId: 'all' }, caller });
    const { jobs, byCurrency, statuses } = overviewSchema.parse((await getOverview(services, request)).body);
    expect([jobs, byCurrency, statuses.healthy]).toEqual([0, [], 0]);
  });
});

describe('actions', () => {
  const wanted = [newWinter, newLost, byHand];

  it('come page by page, worst first, each once, with dataset and currency', async () => {
    const seen = await pages('unassigned', { limit: ['7'] });
    const expected = wanted.flatMap(({ head, items }) =>
      items.filter(({ item }) => actionOf(item) !== null).map(({ item }) => `${head.jobId} ${item.id}`),
    );
    expect(seen.map(({ jobId, id }) => `${jobId} ${id}`).toSorted()).toEqual(expected.toSorted());
    expect(expected.length).toBeGreaterThan(14);
    const risks = seen.map(({ riskScore }) => riskScore ?? -1);
    expect(risks).toEqual(risks.toSorted((a, b) => b - a));
    expect(new Set(seen.map(({ jobId }) => jobId))).toEqual(new Set(idsOf(wanted)));
    for (const { jobId, currency, dataset } of seen) {
      const { head } = wanted.find((one) => one.head.jobId === jobId)!;
      expect([currency, dataset]).toEqual([head.document.currency, head.dataset]);
    }
  });

  it('are those asked for', async () => {
    const all = await pages('all');
    for (const action of ['replace', 'refresh'] as const) {
      const some = await pages('all', { action: [action] });
      expect(some.length).toBeGreaterThan(3);
      expect(some).toEqual(all.filter((one) => one.action === action));
    }
    const two = await pages('all', { action: ['watch', 'refresh'], limit: ['3'] });
    expect(two).toEqual(all.filter(({ action }) => action !== 'replace'));
  });

  it('refuse what is not asked for like that', async () => {
    await expect(pages('all', { action: ['burn'] })).rejects.toMatchObject({ code: 'invalid_request' });
    const first = await listActions(services, about('listActions', 'all', { limit: ['1'] }));
    const cursor = [actionPageSchema.parse(first.body).page.next!];
    const other = pages(UK, { limit: ['1'], cursor });
    await expect(other).rejects.toMatchObject({ code: 'invalid_cursor' });
    await expect(pages(GONE)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the file of actions', () => {
  const linesOf = async (portfolioId: string, query: Record<string, string[]> = {}) => {
    const answer = await getActionsCsv(services, about('getActionsCsv', portfolioId, query));
    expect(answer).toMatchObject({ status: 200, headers: { 'Content-Type': 'text/csv; charset=utf-8' } });
    const text = Buffer.from(answer.body instanceof Uint8Array ? answer.body : []).toString();
    return text.trimEnd().split('\n');
  };

  it('has the rows of the list, numbered', async () => {
    const seen = await pages('all');
    const [header, ...rows] = await linesOf('all');
    expect(header).toMatch(/^Rank,Action,Creative,Dataset/);
    expect(rows.length).toBe(seen.length);
    rows.forEach((row, index) => {
      const { action, jobId, key } = seen[index]!;
      expect(row).toMatch(new RegExp(`^${index + 1},${action},`));
      expect(row).toContain(`/api/jobs/${jobId}/items/${key}`);
    });
    const replaced = (await linesOf('all', { action: ['replace'] })).slice(1);
    expect(replaced.length).toBe(seen.filter(({ action }) => action === 'replace').length);
  });

  it('is made once for the same results, and anew for others', async () => {
    const made = () => [...memory.objects.keys()].filter((key) => key.endsWith('action-queue.csv')).length;
    const before = await linesOf('unassigned');
    const files = made();
    expect(await linesOf('unassigned')).toEqual(before);
    expect(made()).toBe(files);
    const late = await addResult(14, 'inbox', { loaded: false });
    const without = await linesOf('unassigned');
    await store(results, late);
    const complete = await linesOf('unassigned');
    expect(without.length).toBeLessThan(complete.length);
    expect(made()).toBe(files + 2);
    expect(memory.violations).toEqual([]);
  });

  it('is linked to where that is asked for', async () => {
    const query = { delivery: ['link'] };
    const { body } = await getActionsCsv(services, about('getActionsCsv', UK, query));
    expect(body).toMatchObject({ url: expect.stringContaining('reports/acme/portfolios/') });
  });
});
