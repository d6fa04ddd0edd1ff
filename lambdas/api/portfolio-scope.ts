import { MAX_SCOPE } from '../contracts/api/portfolios.ts';
import type { JobRun } from '../contracts/object-keys.ts';
import { tenantOf } from '../http/caller.ts';
import type { ApiRequest } from '../http/exchange.ts';
import { runOf } from '../pipeline/job-record.ts';
import { membersOf, type PortfolioMembers } from './portfolio-members.ts';
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

/** @throws Problem `not_found` */
export async function findScope(services: Services, request: ApiRequest): Promise<PortfolioScope> {
  const tenant = tenantOf(request);
  const id = request.parameters['portfolioId'] ?? '';
  const members = await membersOf(services, tenant, id);
  const runs = await newestRuns(services, tenant, members);
  const omitted = Math.max(0, runs.length - MAX_SCOPE);
  return { tenant, id, name: members.name, runs: runs.slice(0, MAX_SCOPE), omitted };
}

/** The newest job of each dataset that has succeeded and whose result is kept, newest first. */
async function newestRuns(
  { results, jobs, clock }: Services,
  tenant: string,
  { ids, includes }: PortfolioMembers,
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
