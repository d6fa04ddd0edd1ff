import type { Job, JobRef, JobSource } from '../contracts/job.ts';
import { AnalysisError } from '../domain/errors.ts';
import { announceLate } from './announce-end.ts';
import type { PipelineContext } from './context.ts';
import { changeJob, type JobChange, runOf } from './job-record.ts';
import { historySource, uploadVersion } from './new-job.ts';

/**
 * Starts a failed job again. After an internal error it goes on where it stopped, with all that was done. After a
 * refusal of its input, which would be refused again, it starts over with the newest version of the file.
 *
 * @returns the job, PENDING, or as it is when it had not failed; null when there is none
 * @throws AnalysisError `invalid_request` when the file it should read is gone
 */
export async function redriveJob(context: PipelineContext, ref: JobRef): Promise<Job | null> {
  const job = await context.jobs.get(ref);
  if (job === null) return null;
  // Once it runs again, nobody would hear of this failure any more.
  await announceLate(context, job);
  const change = job.state === 'FAILED' ? await restart(context, job) : null;
  const pending = await changeJob(context, job, (current) =>
    current.state === 'FAILED' && current.run === job.run ? change : null,
  );
  const current = pending ?? (await context.jobs.get(ref));
  // A job that is PENDING already may have lost its message: sending one more does no harm.
  if (current?.state === 'PENDING') await context.queue.send([{ type: 'plan', ...runOf(current) }]);
  return current;
}

async function restart(context: PipelineContext, job: Job): Promise<JobChange> {
  const again = { state: 'PENDING', waitingFor: 'worker', waitingUntil: null } as const;
  const cleared = { error: null, finishedAt: null, sweep: { tasksDone: 0, resends: 0 } };
  if (job.error?.resumable) {
    const phase =
      job.phase === null || job.phase.name === 'inline' ? job.phase : { ...job.phase, dispatched: false };
    const event = { kind: 'redriven', message: 'Goes on where it failed.' } as const;
    return { set: { ...again, ...cleared, phase }, event };
  }
  const { source, message } = await newestSource(context, job);
  return {
    set: {
      ...again,
      ...cleared,
      run: job.run + 1,
      source,
      startedAt: null,
      plan: null,
      phase: null,
    },
    event: { kind: 'redriven', message },
  };
}

/** What the next run of a job reads. */
async function newestSource(
  { objects }: Pick<PipelineContext, 'objects'>,
  job: Job,
): Promise<{ source: JobSource; message: string }> {
  if (job.history === 'covers') {
    const source = historySource({ ...runOf(job), run: job.run + 1 });
    return { source, message: 'Starts over with the history as it is now.' };
  }
  const newest = await objects.head(job.source.key, null);
  if (newest === null) {
    throw new AnalysisError('invalid_request', 'The file of this job is gone.', 'Upload it again.');
  }
  const { key, versionId, etag, bytes } = newest;
  const isNew = uploadVersion(newest) !== uploadVersion(job.source);
  const message = `Starts over with ${isNew ? 'the newest version of its file' : 'the same file'}.`;
  return { source: { key, versionId, etag, bytes }, message };
}
