import type { Job } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import type { PipelineContext } from './context.ts';
import { changeJob, runOf } from './job-record.ts';

/**
 * Has the results of a job put where they can be searched. That the database is down is no reason to fail an analysis
 * whose reports are written: it is counted, and the sweeper tries again until it works.
 *
 * @returns whether they are there now
 */
export async function loadResults(
  { results, metrics }: Pick<PipelineContext, 'results' | 'metrics'>,
  job: Job,
): Promise<boolean> {
  try {
    await results.load(runOf(job));
    return true;
  } catch {
    metrics.count(METRICS.resultsNotLoaded);
    return false;
  }
}

/** Loads the results of a job that has succeeded without. @throws what keeps them from being loaded */
export async function loadLate(context: PipelineContext, job: Job): Promise<void> {
  await context.results.load(runOf(job));
  await changeJob(context, job, (current) =>
    current.run === job.run && current.stored === false ? { set: { stored: true } } : null,
  );
}
