import { GENERAL_SCOPES } from '../contracts/api/portfolios.ts';
import { Problem } from '../http/problem.ts';
import type { DatasetStore } from '../ports/dataset-store.ts';
import type { PortfolioStore } from '../ports/portfolio-store.ts';
import { MAX_DATASETS } from './change-dataset.ts';

/** Which datasets a portfolio's id, or a general one, means. */
export interface PortfolioMembers {
  /** Of the portfolio; null for a general one. */
  readonly name: string | null;
  /** Null when they cannot be listed, only told from others. */
  readonly ids: readonly string[] | null;
  includes(datasetId: string): boolean;
}

interface Services {
  readonly datasets: Pick<DatasetStore, 'list'>;
  readonly portfolios: Pick<PortfolioStore, 'read'>;
}

/** @throws Problem `not_found` */
export async function membersOf(services: Services, tenant: string, id: string): Promise<PortfolioMembers> {
  if (id === 'all') return { name: null, ids: null, includes: () => true };
  const { portfolios } = await services.portfolios.read(tenant);
  const name = portfolios.find((portfolio) => portfolio.id === id)?.name ?? null;
  if (name === null && !GENERAL_SCOPES.some((general) => general === id))
    throw new Problem('not_found', 'There is no portfolio of this id.');
  const known = new Set(portfolios.map((portfolio) => portfolio.id));
  const assigned = new Map<string, string>();
  for (const dataset of await services.datasets.list(tenant, MAX_DATASETS)) {
    // A dataset that was moved into a portfolio while that was deleted is in none.
    const { portfolioId } = dataset;
    if (portfolioId !== null && known.has(portfolioId)) assigned.set(dataset.id, portfolioId);
  }
  if (id === 'unassigned') return { name, ids: null, includes: (datasetId) => !assigned.has(datasetId) };
  const ids = [...assigned.keys()].filter((datasetId) => assigned.get(datasetId) === id);
  return { name, ids, includes: (datasetId) => assigned.get(datasetId) === id };
}
