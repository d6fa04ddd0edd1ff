import type { Job } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import type { PipelineContext } from './context.ts';
import { changeJob, runOf } from './job-record.ts';

/**
 * Has the days of an upload added to the history of its dataset, once the job is shown as done: nobody who waits for the
 * result shall wait for that. That it fails is counted, and the sweeper tries again until it works.
 */
export async function joinHistory(context: PipelineContext, job: Job): Promise<void> {
  if (job.joined !== false) return;
  try {
    await joinLate(context, job);
  } catch {
    context.metrics.count(METRICS.uploadsNotJoined);
  }
}

/** Has the days of an upload added to the history of its dataset. @throws what keeps them from being added */
export async function joinLate(context: PipelineContext, job: Job): Promise<void> {
  await context.results.join(runOf(job));
  await changeJob(context, job, (current) =>
    current.run === job.run && current.joined === false ? { set: { joined: true } } : null,
  );
}
