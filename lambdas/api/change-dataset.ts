import type { Dataset } from '../contracts/dataset.ts';
import { Problem } from '../http/problem.ts';
import type { ControlServices } from './services.ts';

/** Datasets that a tenant may have. */
export const MAX_DATASETS = 1000;

/**
 * Changes a dataset, however many others change it at the same time.
 *
 * @throws Problem `not_found` when it is gone meanwhile
 */
export async function changeDataset(
  { datasets, clock }: Pick<ControlServices, 'datasets' | 'clock'>,
  dataset: Dataset,
  change: (current: Dataset) => Partial<Pick<Dataset, 'name' | 'portfolioId' | 'versions' | 'historyJobs'>>,
): Promise<Dataset> {
  const ref = { tenant: dataset.tenant, datasetId: dataset.id };
  for (let current: Dataset | null = dataset; current !== null; current = await datasets.get(ref)) {
    const updatedAt = new Date(clock.now()).toISOString();
    const next = { ...current, ...change(current), revision: current.revision + 1, updatedAt };
    if ((await datasets.replace(next)) === 'replaced') return next;
  }
  throw new Problem('not_found', 'The dataset was deleted meanwhile.');
}
