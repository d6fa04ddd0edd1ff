import type { Job } from '../contracts/job.ts';
import type { JobRun } from '../contracts/object-keys.ts';
import { isFinal } from '../domain/job/states.ts';
import type { ApiRequest } from '../http/exchange.ts';
import { Problem } from '../http/problem.ts';
import { runOf } from '../pipeline/job-record.ts';
import { findJob } from './jobs.ts';
import type { QueryServices } from './query-services.ts';

/** A job that has a result, and the run that the result is of. */
export interface JobWithResult {
  readonly job: Job;
  readonly run: JobRun;
}

/**
 * The job that a path names, once it has a result.
 *
 * @throws Problem `not_found`, `not_ready` while it runs, `result_expired`
 */
export async function findResult(
  { jobs, clock }: Pick<QueryServices, 'jobs' | 'clock'>,
  request: ApiRequest,
): Promise<JobWithResult> {
  const job = await findJob({ jobs }, request);
  if (!isFinal(job.state)) throw new Problem('not_ready', `The job is ${job.state}; it has no result yet.`);
  if (job.state !== 'SUCCEEDED')
    throw new Problem('not_found', `The job ended as ${job.state}; it has no result.`, {
      remedy: 'The job itself says why: GET /api/jobs/{id}.',
    });
  if (job.deletedAt !== undefined)
    throw new Problem('result_expired', 'The dataset of the job was deleted, and the result with it.', {
      remedy: 'Upload it again.',
    });
  if (job.resultExpiresAt !== null && Date.parse(job.resultExpiresAt) <= clock.now())
    throw new Problem('result_expired', `The result was kept until ${job.resultExpiresAt}.`);
  return { job, run: runOf(job) };
}

/** What a job has, but not where it can be asked for yet. */
export function notStored(): Problem {
  return new Problem('not_ready', 'The result is being made ready to be searched.', {
    remedy: 'Try again after the time in Retry-After, or fetch result.json, which is there.',
  });
}
