import type { Job, JobSource } from '../contracts/job.ts';
import { AnalysisError } from '../domain/errors.ts';
import type { PipelineContext } from './context.ts';
import { changeJob, runOf } from './job-record.ts';

/**
 * Has the input written of a job over the history of its dataset, which from then on is read like any upload.
 *
 * @returns the job with its input, at once when it is no such job or has it; null when it went another way meanwhile
 * @throws AnalysisError `invalid_request` when there is no history, or none in one currency
 */
export async function withHistory(context: PipelineContext, job: Job): Promise<Job | null> {
  if (job.history !== 'covers' || job.source.etag !== null) return job;
  const outcome = await context.histories.export(runOf(job));
  if (outcome === 'stale') return null;
  if (outcome !== 'exported') throw refusal(outcome);
  const source = await sourceOf(context, job);
  return changeJob(context, job, (current) => {
    if (current.run !== job.run || current.state !== 'PENDING') return null;
    return { set: { source } };
  });
}

async function sourceOf({ objects }: PipelineContext, { source: { key } }: Job): Promise<JobSource> {
  const object = await objects.head(key, null);
  if (object === null) throw new Error(`${key} was written, and is not there.`);
  const { versionId, etag, bytes } = object;
  return { key, versionId, etag, bytes };
}

function refusal(outcome: 'empty' | 'currencies'): AnalysisError {
  if (outcome === 'empty') {
    return new AnalysisError(
      'invalid_request',
      'The dataset has no history: none of its uploads has been analysed.',
      'Upload a file, and wait until its analysis has succeeded.',
    );
  }
  return new AnalysisError(
    'invalid_request',
    'The history of the dataset has spend in several currencies.',
    'Upload the days in other currencies again, all in one.',
  );
}
