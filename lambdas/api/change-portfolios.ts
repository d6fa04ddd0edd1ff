import type { Portfolio } from '../contracts/portfolio.ts';
import { Problem } from '../http/problem.ts';
import type { PortfolioStore } from '../ports/portfolio-store.ts';

/** Changes the portfolios of a tenant, however many others change them at the same time. */
export async function changePortfolios(
  store: PortfolioStore,
  tenant: string,
  change: (current: readonly Portfolio[]) => Portfolio[],
): Promise<void> {
  for (;;) {
    const { revision, portfolios } = await store.read(tenant);
    const next = { tenant, revision: revision + 1, portfolios: change(portfolios) };
    if ((await store.replace(next)) === 'replaced') return;
  }
}

/** A name as names are compared: whatever the case, the spaces, and how its characters are encoded. */
export function foldedName(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ');
}

/** @throws Problem `invalid_request` when a dataset is to be in a portfolio that is not there */
export async function assertPortfolio(
  store: Pick<PortfolioStore, 'read'>,
  tenant: string,
  id: string | null | undefined,
): Promise<void> {
  if (id === null || id === undefined) return;
  const { portfolios } = await store.read(tenant);
  if (portfolios.some((portfolio) => portfolio.id === id)) return;
  throw new Problem('invalid_request', `There is no portfolio ${id}.`, {
    errors: [{ pointer: '/portfolioId', detail: 'not found' }],
    remedy: 'Name one of GET /api/portfolios, or make it first.',
  });
}

/** @throws Problem `name_taken` when another portfolio than `own` has the name */
export function assertFree(portfolios: readonly Portfolio[], name: string, own: string | null): void {
  const taken = portfolios.find((one) => one.id !== own && foldedName(one.name) === foldedName(name));
  if (taken === undefined) return;
  throw new Problem('name_taken', `There is a portfolio "${taken.name}" already: ${taken.id}.`, {
    errors: [{ pointer: '/name', detail: 'taken' }],
  });
}
