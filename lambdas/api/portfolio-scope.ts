import { GENERAL_SCOPES, MAX_SCOPE } from '../contracts/api/portfolios.ts';
import type { JobRun } from '../contracts/object-keys.ts';
import { tenantOf } from '../http/caller.ts';
import type { ApiRequest } from '../http/exchange.ts';
import { Problem } from '../http/problem.ts';
import { runOf } from '../pipeline/job-record.ts';
import { MAX_DATASETS } from './change-dataset.ts';
import type { PortfolioServices } from './portfolio-services.ts';

/**
 * The newest jobs of a tenant, among which those are looked for that succeeded but whose results cannot be searched yet.
 * The sweeper loads those within minutes, so there are none among older ones.
 */
const RECENT_JOBS = 1000;

/** What a path with a portfolio's id asks about: the newest result of each of its datasets. */
export interface PortfolioScope {
  readonly tenant: string;
  /** Of the portfolio, or one of the general ones. */
  readonly id: string;
  /** Of the portfolio. */
  readonly name: string | null;
  /** Newest first; results of some may not be there yet. */
  readonly runs: readonly JobRun[];
  /** Datasets beyond the limit. */
  readonly omitted: number;
}

type Services = Pick<PortfolioServices, 'portfolios' | 'datasets' | 'jobs' | 'results' | 'clock'>;

/** Which datasets are meant. */
interface Membership {
  /** Null when they cannot be listed, only told from others. */
  readonly ids: readonly string[] | null;
  includes(datasetId: string): boolean;
}

/** @throws Problem `not_found` */
export async function findScope(services: Services, request: ApiRequest): Promise<PortfolioScope> {
  const tenant = tenantOf(request);
  const id = request.parameters['portfolioId'] ?? '';
  const { portfolios } = await services.portfolios.read(tenant);
  const name = portfolios.find((portfolio) => portfolio.id === id)?.name ?? null;
  if (name === null && !GENERAL_SCOPES.some((general) => general === id))
    throw new Problem('not_found', 'There is no portfolio of this id.');
  const known = new Set(portfolios.map((portfolio) => portfolio.id));
  const members = await membersOf(services, tenant, id, known);
  const runs = await newestRuns(services, tenant, members);
  const omitted = Math.max(0, runs.length - MAX_SCOPE);
  return { tenant, id, name, runs: runs.slice(0, MAX_SCOPE), omitted };
}

async function membersOf(
  { datasets }: Services,
  tenant: string,
  id: string,
  known: ReadonlySet<string>,
): Promise<Membership> {
  if (id === 'all') return { ids: null, includes: () => true };
  const assigned = new Map<string, string>();
  for (const dataset of await datasets.list(tenant, MAX_DATASETS)) {
    // A dataset that was moved into a portfolio while that was deleted is in none.
    const { portfolioId } = dataset;
    if (portfolioId !== null && known.has(portfolioId)) assigned.set(dataset.id, portfolioId);
  }
  if (id === 'unassigned') return { ids: null, includes: (datasetId) => !assigned.has(datasetId) };
  const ids = [...assigned.keys()].filter((datasetId) => assigned.get(datasetId) === id);
  return { ids, includes: (datasetId) => assigned.get(datasetId) === id };
}

/** The newest job of each dataset that has succeeded and whose result is kept, newest first. */
async function newestRuns(
  { results, jobs, clock }: Services,
  tenant: string,
  { ids, includes }: Membership,
): Promise<JobRun[]> {
  const isKept = (expiresAt: string | null) => expiresAt === null || Date.parse(expiresAt) > clock.now();
  const [stored, recent] = await Promise.all([
    results.newestResults(tenant, ids),
    jobs.list({ tenant, before: null, since: '', limit: RECENT_JOBS }),
  ]);
  const newest = new Map<string, JobRun>();
  const add = (datasetId: string, run: JobRun) => {
    const known = newest.get(datasetId);
    if (known === undefined || known.jobId < run.jobId) newest.set(datasetId, run);
  };
  for (const { dataset, jobId, run, expiresAt } of stored) {
    if (isKept(expiresAt) && includes(dataset.id)) add(dataset.id, { tenant, jobId, run });
  }
  for (const job of recent) {
    const { state, deletedAt, resultExpiresAt } = job;
    const hasResult = state === 'SUCCEEDED' && deletedAt === undefined && isKept(resultExpiresAt);
    if (hasResult && includes(job.dataset.id)) add(job.dataset.id, runOf(job));
  }
  return [...newest.values()].sort((a, b) => (a.jobId < b.jobId ? 1 : -1));
}
