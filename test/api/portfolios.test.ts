import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDynamoDatasetStore } from '../../lambdas/adapters/dynamodb-dataset-store.ts';
import { createDynamoPortfolios } from '../../lambdas/adapters/dynamodb-portfolios.ts';
import type { PortfolioServices } from '../../lambdas/api/portfolio-services.ts';
import {
  createPortfolio,
  deletePortfolio,
  getPortfolio,
  listPortfolios,
  updatePortfolio,
} from '../../lambdas/api/portfolios.ts';
import { portfolioAnswerSchema, portfolioPageSchema } from '../../lambdas/contracts/api/portfolios.ts';
import type { Dataset } from '../../lambdas/contracts/dataset.ts';
import { MAX_PORTFOLIOS } from '../../lambdas/contracts/portfolio.ts';
import { idOf } from '../../lambdas/domain/job/job-id.ts';
import type { Caller } from '../../lambdas/http/exchange.ts';
import { Problem } from '../../lambdas/http/problem.ts';
import { newJobId } from '../adapters/jobs.ts';
import { startJobsTable } from '../adapters/jobs-table.ts';
import { CALLER, json, requestFor } from '../http/requests.ts';
import { memoryDatasets, memoryPortfolios } from './memory-uploads.ts';

const AT = '2026-03-02T10:00:00.000Z';
const clock = { now: () => Date.parse(AT) };
const table = await startJobsTable();
const stores = {
  portfolios: createDynamoPortfolios(table.client, table.name),
  datasets: createDynamoDatasetStore(table.client, table.name),
};
const unused = () => Promise.reject(new Error('Nothing asks for this.'));
const servicesOver = (over: Pick<PortfolioServices, 'portfolios' | 'datasets'>): PortfolioServices => ({
  ...over,
  clock,
  jobs: { list: unused },
  results: { newestResults: unused, overview: unused, listActions: unused },
  objects: { head: unused, read: unused, putIfAbsent: unused },
  links: { to: unused },
});
const services = servicesOver(stores);

let requests = 0;
async function create(name: string, caller: Caller = CALLER, over = services) {
  const request = requestFor('createPortfolio', {
    body: json({ name }),
    caller,
    requestId: `req_${++requests}`,
  });
  const response = await createPortfolio(over, request);
  return { ...response, portfolio: portfolioAnswerSchema.parse(response.body) };
}

function about(operation: 'getPortfolio' | 'updatePortfolio' | 'deletePortfolio', portfolioId: string) {
  return (body: object = {}, caller: Caller = CALLER) =>
    requestFor(operation, { parameters: { portfolioId }, body: json(body), caller });
}

async function refusalOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'accepted',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );
}

async function listAll(caller: Caller, limit = '50', over = services) {
  const names: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: Record<string, string[]> = { limit: [limit], ...(cursor && { cursor: [cursor] }) };
    const { body } = await listPortfolios(over, requestFor('listPortfolios', { query, caller }));
    const { data, page } = portfolioPageSchema.parse(body);
    names.push(...data.map(({ name }) => name));
    cursor = page.next;
  }
  return names;
}

const callerOf = (tenant: string): Caller => ({ ...CALLER, tenant });

function datasetIn(portfolioId: string | null, name: string, tenant = 'acme'): Dataset {
  const upload = { jobId: newJobId(), key: 'uploads/acme/x', fileName: 'x', bytes: 1, createdAt: AT };
  return {
    ...{ id: idOf('ds', 0, `${tenant} ${name}`), tenant, revision: 1, name, portfolioId },
    ...{ createdAt: AT, updatedAt: AT, versions: [{ version: 1, ...upload, multipart: null }] },
  };
}

describe('a portfolio', () => {
  it('is made, found, renamed and deleted', async () => {
    const { status, headers, portfolio } = await create(' Spring  UK ');
    expect([status, headers?.['Location']]).toEqual([201, `/api/portfolios/${portfolio.id}`]);
    expect(portfolio).toMatchObject({ name: 'Spring  UK', createdAt: AT });
    const found = await getPortfolio(services, about('getPortfolio', portfolio.id)());
    expect(portfolioAnswerSchema.parse(found.body)).toEqual(portfolio);
    const rename = about('updatePortfolio', portfolio.id);
    const renamed = await updatePortfolio(services, rename({ name: 'SPRING UK' }));
    expect(portfolioAnswerSchema.parse(renamed.body).name).toBe('SPRING UK');
    const gone = about('deletePortfolio', portfolio.id);
    expect(await deletePortfolio(services, gone())).toEqual({ status: 204 });
    expect(await refusalOf(getPortfolio(services, about('getPortfolio', portfolio.id)()))).toBe('not_found');
    expect(await refusalOf(deletePortfolio(services, gone()))).toBe('not_found');
  });

  it('has a name of its own, whatever the case, the spaces and the encoding', async () => {
    const caller = callerOf('names');
    const { portfolio } = await create('Été UK', caller);
    for (const same of ['été uk', ' ÉTÉ   UK', 'E\u0301te\u0301 UK', 'Été ＵＫ'])
      expect([same, await refusalOf(create(same, caller))]).toEqual([same, 'name_taken']);
    expect(await refusalOf(create('Ete UK', caller))).toBe('accepted');
    expect(await refusalOf(create('Été UK', callerOf('names-2')))).toBe('accepted');
    const rename = about('updatePortfolio', portfolio.id);
    expect(await refusalOf(updatePortfolio(services, rename({ name: 'ete uk' }, caller)))).toBe('name_taken');
    expect(await refusalOf(updatePortfolio(services, rename({ name: 'Été' }, caller)))).toBe('accepted');
    expect(await refusalOf(create('Été UK', caller))).toBe('accepted');
  });

  it('is made once by those who want the name at the same time', async () => {
    const caller = callerOf('race');
    const outcomes = await Promise.all(['A', 'a', 'A ', 'a '].map((name) => refusalOf(create(name, caller))));
    expect(outcomes.toSorted()).toEqual(['accepted', 'name_taken', 'name_taken', 'name_taken']);
  });

  it.each([
    ['', 'empty'],
    [' ', 'blank'],
    ['x'.repeat(201), 'too long'],
  ])('is refused the name %j (%s)', async (name) => {
    expect(await refusalOf(create(name))).toBe('invalid_request');
  });

  it('is nothing to other tenants', async () => {
    const { portfolio } = await create('Secret');
    const caller = callerOf('other');
    const { id } = portfolio;
    expect(await refusalOf(getPortfolio(services, about('getPortfolio', id)({}, caller)))).toBe('not_found');
    const rename = updatePortfolio(services, about('updatePortfolio', id)({ name: 'Mine' }, caller));
    expect(await refusalOf(rename)).toBe('not_found');
    const removal = deletePortfolio(services, about('deletePortfolio', id)({}, caller));
    expect(await refusalOf(removal)).toBe('not_found');
    expect((await listAll(caller)).length).toBe(0);
  });

  it('leaves its datasets behind when it goes, and those of others where they are', async () => {
    const { portfolio } = await create('Leaving');
    const { portfolio: other } = await create('Staying');
    const own = Array.from({ length: 20 }, (_, index) => datasetIn(portfolio.id, `own ${index}`));
    const others = [datasetIn(other.id, 'other'), datasetIn(null, 'none')];
    for (const dataset of [...own, ...others]) await stores.datasets.create(dataset);
    await deletePortfolio(services, about('deletePortfolio', portfolio.id)());
    const after = new Map((await stores.datasets.list('acme', 100)).map((one) => [one.id, one.portfolioId]));
    expect(own.map(({ id }) => after.get(id))).toEqual(own.map(() => null));
    expect(others.map(({ id }) => after.get(id))).toEqual([other.id, null]);
  });

  it('stays until its datasets have left it', async () => {
    const datasets = memoryDatasets();
    const over = servicesOver({ portfolios: memoryPortfolios(), datasets });
    const { portfolio } = await create('Cut off', CALLER, over);
    await datasets.create(datasetIn(portfolio.id, 'one'));
    const failing = { ...over, datasets: { ...datasets, replace: unused } };
    const removal = about('deletePortfolio', portfolio.id);
    await expect(deletePortfolio(failing, removal())).rejects.toThrow('Nothing asks');
    expect(await deletePortfolio(over, removal())).toEqual({ status: 204 });
    expect((await datasets.list('acme', 10)).map(({ portfolioId }) => portfolioId)).toEqual([null]);
  });
});

describe('portfolios', () => {
  it('come by name, page by page, each once', async () => {
    const name = fc
      .string({ minLength: 1, maxLength: 200, unit: 'binary' })
      .filter((text) => text.trim() !== '');
    const property = fc.asyncProperty(
      fc.uniqueArray(name, { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (names, limit) => {
        const over = servicesOver({ portfolios: memoryPortfolios(), datasets: memoryDatasets() });
        const made: string[] = [];
        for (const one of names)
          if ((await refusalOf(create(one, CALLER, over))) === 'accepted') made.push(one.trim());
        expect((await listAll(CALLER, String(limit), over)).toSorted()).toEqual(made.toSorted());
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });

  it('are sorted whatever the case', async () => {
    const caller = callerOf('sorted');
    for (const name of ['beta', 'Alpha', 'Gamma', 'alphabet']) await create(name, caller);
    expect(await listAll(caller, '3')).toEqual(['Alpha', 'alphabet', 'beta', 'Gamma']);
  });

  it('are so many at most', async () => {
    const over = servicesOver({ portfolios: memoryPortfolios(), datasets: memoryDatasets() });
    for (let made = 0; made < MAX_PORTFOLIOS; made++) await create(`P ${made}`, CALLER, over);
    expect(await refusalOf(create('One more', CALLER, over))).toBe('invalid_request');
  });
});
