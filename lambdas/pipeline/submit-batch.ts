import { MAX_BATCH } from '../contracts/api/batch.ts';
import type { Hints } from '../contracts/job.ts';
import { parseUploadKey, payloadKey } from '../contracts/object-keys.ts';
import type { ParametersInput } from '../contracts/parameters.ts';
import { type Requested, requestOf } from '../contracts/request.ts';
import { AnalysisError } from '../domain/errors.ts';
import { jobIdOf } from '../domain/job/job-id.ts';
import type { ObjectInfo } from '../ports/object-store.ts';
import { concurrently } from './concurrently.ts';
import type { PipelineContext } from './context.ts';
import { runOf } from './job-record.ts';
import { newJob } from './new-job.ts';

const CONCURRENCY = 16;

/** One dataset of a batch: a file that is there already, or observations as `POST /api/analyze` takes them. */
export interface BatchEntry {
  readonly name: string;
  readonly datasetId: string;
  readonly input:
    | { readonly key: string; readonly versionId: string | null }
    | { readonly document: Uint8Array };
  readonly hints: Hints;
  readonly parameters: ParametersInput;
}

export interface Batch extends Requested {
  readonly tenant: string;
  /** Unique to the request; a repeated request with the same one gives the same jobs. */
  readonly submissionId: string;
  /** When it was made, as milliseconds since the epoch; of a repeated request the same. */
  readonly submittedAt: number;
  readonly entries: readonly BatchEntry[];
}

/**
 * Makes one job of each dataset of a batch and sends them to work.
 *
 * @returns the job ids in the order of the entries
 * @throws AnalysisError `invalid_request` for no or more than 1,000 entries, or when a file is not there: then no job was made
 */
export async function submitBatch(
  context: Pick<PipelineContext, 'jobs' | 'objects' | 'queue' | 'clock'>,
  batch: Batch,
): Promise<string[]> {
  const { tenant, entries } = batch;
  if (entries.length === 0 || entries.length > MAX_BATCH) {
    throw new AnalysisError(
      'invalid_request',
      `A batch has 1 to ${MAX_BATCH} datasets, not ${entries.length}.`,
      'Send several batches.',
    );
  }
  const named = entries.map((entry, i) => ({
    entry,
    id: jobIdOf(batch.submittedAt, `${tenant}\n${batch.submissionId}\n${i}`),
  }));
  const sources = await concurrently(named, CONCURRENCY, ({ entry, id }) =>
    sourceOf(context, tenant, id, entry),
  );
  const messages = await concurrently([...named.entries()], CONCURRENCY, async ([i, { entry, id }]) => {
    const { name, datasetId, hints, parameters } = entry;
    const source = sources[i];
    if (source === undefined) throw new AnalysisError('internal', 'A dataset of the batch was lost.');
    const origin = 'document' in entry.input ? 'request' : 's3';
    const dataset = { id: datasetId, name };
    const { job, event } = newJob(
      { id, tenant, origin, ...requestOf(batch), dataset, source, hints, parameters },
      context.clock.now(),
    );
    await context.jobs.create(job, [event]);
    return { type: 'plan', ...runOf(job) } as const;
  });
  // Jobs of a request that is repeated after it got here may be over already: their messages then change nothing.
  await context.queue.send(messages);
  return named.map(({ id }) => id);
}

async function sourceOf(
  { objects }: Pick<PipelineContext, 'objects'>,
  tenant: string,
  jobId: string,
  { input }: BatchEntry,
): Promise<ObjectInfo> {
  if ('document' in input) {
    const key = payloadKey({ tenant, jobId });
    await objects.putIfAbsent(key, input.document, 'application/json');
    const written = await objects.head(key, null);
    if (written === null) throw new AnalysisError('internal', 'A request body could not be kept.');
    return written;
  }
  const isOwn = parseUploadKey(input.key)?.tenant === tenant;
  const object = isOwn ? await objects.head(input.key, input.versionId) : null;
  if (object !== null) return object;
  throw new AnalysisError(
    'invalid_request',
    `There is no upload ${JSON.stringify(input.key)}.`,
    'Name files that were uploaded before.',
  );
}
