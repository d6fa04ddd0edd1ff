import type { Job } from '../contracts/job.ts';
import { AnalysisError } from '../domain/errors.ts';
import type { DatasetOptions } from '../domain/input/dataset.ts';
import type { ObjectInfo } from '../ports/object-store.ts';
import type { PipelineContext } from './context.ts';

/** The object version that a planned job reads. @throws AnalysisError `internal` when it was never pinned */
export function pinnedObject({ source: { key, versionId, etag, bytes } }: Job): ObjectInfo {
  if (etag === null || bytes === null) throw new AnalysisError('internal', 'The job has no pinned input.');
  return { key, versionId, etag, bytes };
}

/**
 * Reads a job's input from start to end; its stream is closed whether the reading ends well or early.
 *
 * @param maxBytes most bytes that are read of it, unpacked
 */
export async function readStream<T>(
  { objects }: Pick<PipelineContext, 'objects'>,
  job: Job,
  read: (chunks: AsyncIterable<Uint8Array>, options: DatasetOptions) => Promise<T>,
  maxBytes: number,
): Promise<T> {
  const iterator = objects.stream(pinnedObject(job))[Symbol.asyncIterator]();
  try {
    const chunks = { [Symbol.asyncIterator]: () => iterator };
    return await read(chunks, { ...job.hints, maxBytes });
  } finally {
    await iterator.return?.();
  }
}
