import type { Dataset } from '../contracts/dataset.ts';
import { MAX_HISTORY_JOBS } from '../contracts/dataset.ts';
import type { Job } from '../contracts/job.ts';
import type { ParametersInput } from '../contracts/parameters.ts';
import { resolveParameters } from '../domain/parameters.ts';
import type { Clock } from '../ports/clock.ts';
import type { JobStore } from '../ports/job-store.ts';

/**
 * The last analysis over a dataset's history that was made with the same parameters and is still kept: what it found of
 * items that did not change since is what would be found again. Undefined when there is none.
 */
export async function reusableAnalysis(
  { jobs, clock }: { readonly jobs: Pick<JobStore, 'get'>; readonly clock: Clock },
  { tenant, historyJobs = [] }: Dataset,
  parameters: ParametersInput,
): Promise<Job['reuses']> {
  for (const jobId of historyJobs.toReversed()) {
    const job = await jobs.get({ tenant, jobId });
    if (job?.state !== 'SUCCEEDED' || job.plan === null || job.deletedAt !== undefined) continue;
    if (Date.parse(job.resultExpiresAt ?? '') <= clock.now()) continue;
    if (!haveSameMeaning(job.parameters, parameters)) continue;
    return { jobId, run: job.run, shards: job.plan.shards };
  }
  return undefined;
}

/** The list of a dataset's analyses over its history, with one more. */
export function withHistoryJob({ historyJobs = [] }: Dataset, jobId: string): Pick<Dataset, 'historyJobs'> {
  return { historyJobs: [...historyJobs, jobId].slice(-MAX_HISTORY_JOBS) };
}

/** Whether two requests lead to the same analysis, one of them perhaps by naming a default. */
function haveSameMeaning(one: ParametersInput, other: ParametersInput): boolean {
  return JSON.stringify(resolveParameters(one)) === JSON.stringify(resolveParameters(other));
}
