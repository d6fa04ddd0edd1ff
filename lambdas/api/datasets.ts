import { listDatasetsQuery, updateDatasetSchema } from '../contracts/api/datasets.ts';
import type { Dataset } from '../contracts/dataset.ts';
import { tenantOf } from '../http/caller.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseBody, parseQuery } from '../http/input.ts';
import { pageResponse, positionOf } from '../http/page.ts';
import { changeDataset, MAX_DATASETS } from './change-dataset.ts';
import { assertPortfolio } from './change-portfolios.ts';
import { findDataset } from './find-dataset.ts';
import { presentDataset } from './present-dataset.ts';
import type { ControlServices } from './services.ts';

/** A tenant's datasets, the newest first; a tenant has so few that they are sorted here. */
export async function listDatasets(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const { limit, portfolio, q } = parseQuery(listDatasetsQuery, request);
  const [position] = positionOf(request) ?? [];
  const all = await services.datasets.list(tenantOf(request), MAX_DATASETS);
  const found = all
    .filter(({ portfolioId }) => portfolio === undefined || portfolioId === portfolio)
    .filter(({ name }) => q === undefined || name.toLowerCase().includes(q.toLowerCase()))
    .sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
  const rest = typeof position === 'string' ? found.filter((one) => placeOf(one) < position) : found;
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  const next = rest.length > limit && last !== undefined ? [placeOf(last)] : null;
  const data = shown.map((dataset) => presentDataset(request, dataset));
  return pageResponse(request, { data, next, total: found.length });
}

export async function getDataset(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  return { status: 200, body: presentDataset(request, await findDataset(services, request)) };
}

/** Renames a dataset, or moves it to a portfolio. */
export async function updateDataset(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  const changes = parseBody(updateDatasetSchema, request);
  const dataset = await findDataset(services, request);
  await assertPortfolio(services.portfolios, dataset.tenant, changes.portfolioId);
  const changed = await changeDataset(services, dataset, (current) => ({
    name: changes.name ?? current.name,
    portfolioId: changes.portfolioId === undefined ? current.portfolioId : changes.portfolioId,
  }));
  return { status: 200, body: presentDataset(request, changed) };
}

/**
 * Deletes a dataset with all its versions and results: here what names it, and soon after everything else. That is noted
 * first, so that nothing is left behind whatever happens in between.
 */
export async function deleteDataset(services: ControlServices, request: ApiRequest): Promise<ApiResponse> {
  for (;;) {
    const dataset = await findDataset(services, request);
    const at = new Date(services.clock.now()).toISOString();
    await services.deletions.put({
      ...{ tenant: dataset.tenant, datasetId: dataset.id, askedAt: at, dueAt: at },
    });
    // Another version that was announced meanwhile is to go, too.
    if ((await services.datasets.remove(dataset)) === 'removed') return { status: 202 };
  }
}

/** Creation never changes, so pages stay what they are. */
function placeOf({ createdAt, id }: Dataset): string {
  return `${createdAt}#${id}`;
}
