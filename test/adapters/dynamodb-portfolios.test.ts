import { describe, expect, it } from 'vitest';
import { createDynamoPortfolios } from '../../lambdas/adapters/dynamodb-portfolios.ts';
import { MAX_PORTFOLIOS, type PortfolioList } from '../../lambdas/contracts/portfolio.ts';
import { idOf } from '../../lambdas/domain/job/job-id.ts';
import { startJobsTable } from './jobs-table.ts';

const table = await startJobsTable();
const store = createDynamoPortfolios(table.client, table.name);
const at = '2026-03-01T10:00:00.000Z';

function build(tenant: string, revision: number, names: readonly string[]): PortfolioList {
  const portfolios = names.map((name, index) => ({
    ...{ id: idOf('pf', 0, `${tenant} ${index}`), name, createdAt: at, updatedAt: at },
  }));
  return { tenant, revision, portfolios };
}

describe('the portfolios of a tenant', () => {
  it('are none at first, and then those that were stored, for this tenant alone', async () => {
    expect(await store.read('acme')).toEqual({ tenant: 'acme', revision: 0, portfolios: [] });
    const list = build('acme', 1, ['UK', 'France']);
    expect(await store.replace(list)).toBe('replaced');
    expect(await store.read('acme')).toEqual(list);
    expect((await store.read('acme-2')).portfolios).toEqual([]);
  });

  it.each([1, 2])('are replaced by one of those who do it at the same time, at revision %i', async (next) => {
    const tenant = `race-${next}`;
    if (next === 2) await store.replace(build(tenant, 1, ['before']));
    const contenders = ['a', 'b', 'c', 'd'].map((name) => build(tenant, next, [name]));
    const outcomes = await Promise.all(contenders.map((contender) => store.replace(contender)));
    expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
    expect(await store.read(tenant)).toEqual(contenders[outcomes.indexOf('replaced')]);
    expect(await store.replace(build(tenant, next, ['late']))).toBe('conflict');
    expect(await store.replace(build(tenant, next + 2, ['early']))).toBe('conflict');
  });

  it('fit into their record when there are as many as there may be, with the longest names', async () => {
    const list = build('full', 1, Array<string>(MAX_PORTFOLIOS).fill('\u{1F4C8}'.repeat(100)));
    expect(await store.replace(list)).toBe('replaced');
    const escaped = build('escaped', 1, Array<string>(MAX_PORTFOLIOS).fill(`a${'\u0001'.repeat(198)}b`));
    expect(await store.replace(escaped)).toBe('replaced');
    expect(await store.read('escaped')).toEqual(escaped);
  });
});
