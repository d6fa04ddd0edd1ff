import type { Job, JobPlan, JobSource } from '../contracts/job.ts';
import { planCsv } from '../domain/csv/plan.ts';
import { AnalysisError } from '../domain/errors.ts';
import { packingOf } from '../domain/input/archive.ts';
import { startsJson } from '../domain/input/dataset.ts';
import type { Columns } from '../domain/observation/columns.ts';
import type { ObjectInfo } from '../ports/object-store.ts';
import type { PipelineContext } from './context.ts';
import { type PipelineSettings, USUAL_COMPRESSION } from './settings.ts';

const LOOK_BYTES = 1 << 12;
/** The header goes into the job's record, which has room for 400 KB in all. */
const MAX_HEADER_CHARACTERS = 100_000;

/**
 * Pins the version of a job's input and decides how it is cut.
 *
 * @throws AnalysisError `invalid_request` when the input is gone, `dataset_too_large`, and what the header may show
 */
export async function cutInput(
  { objects, settings }: Pick<PipelineContext, 'objects' | 'settings'>,
  { source: { key, versionId }, hints }: Job,
): Promise<{ plan: JobPlan; source: JobSource }> {
  const object = await objects.head(key, versionId);
  if (object === null) {
    throw new AnalysisError('invalid_request', 'The uploaded file is no longer there.', 'Upload it again.');
  }
  const source = { key, versionId: object.versionId, etag: object.etag, bytes: object.bytes };
  const end = Math.min(LOOK_BYTES, object.bytes);
  const look = end === 0 ? new Uint8Array(0) : await objects.read(object, { start: 0, end });
  const packing = packingOf(look);
  const isCuttable = packing === 'plain' && object.bytes > settings.chunkBytes && !startsJson(look);
  assertReadable(object, packing !== 'plain', settings);
  if (!isCuttable) return { plan: streamPlan(object.bytes, packing !== 'plain', settings), source };
  const { bytes } = object;
  const { plan: csv } = await planCsv(objects.source(object, { start: 0, end: 0 }).open(0), hints);
  const { chunkBytes } = settings;
  const chunks = Math.ceil(bytes / chunkBytes);
  const columns = namedColumns(csv.columns);
  const shards = shardsFor(bytes, settings);
  return { plan: { kind: 'ranges', bytes, shards, chunkBytes, chunks, csv: { ...csv, columns } }, source };
}

/** The columns with the names of those that are read; of the others a worker only needs to know that they are there. */
function namedColumns({ names, index, currency }: Columns): { names: string[] } & Omit<Columns, 'names'> {
  const read = new Set(Object.values(index));
  const kept = names.map((name, i) => (read.has(i) ? name : ''));
  if (JSON.stringify(kept).length <= MAX_HEADER_CHARACTERS) return { names: kept, index, currency };
  throw new AnalysisError(
    'unsupported_format',
    `The header names ${names.length} columns, too many or too long for a file that is read in parallel.`,
    'Send only the columns that are read: item, day, impressions, clicks, spend.',
  );
}

/** An input that is read as one stream: analysed in the same go unless it unpacks to much. */
function streamPlan(bytes: number, isPacked: boolean, settings: PipelineSettings): JobPlan {
  return { kind: 'stream', bytes, shards: isPacked ? shardsFor(bytes * USUAL_COMPRESSION, settings) : 1 };
}

function shardsFor(bytes: number, { shardBytes, maxShards }: PipelineSettings): number {
  return Math.min(maxShards, Math.max(1, Math.ceil(bytes / shardBytes)));
}

function assertReadable({ bytes }: ObjectInfo, isPacked: boolean, settings: PipelineSettings): void {
  const limit = isPacked ? settings.maxPackedBytes : settings.maxBytes;
  if (bytes <= limit) return;
  throw new AnalysisError(
    'dataset_too_large',
    `The file has ${bytes} bytes${isPacked ? ', packed' : ''}; at most ${limit} are read.`,
    isPacked ? 'Send it unpacked: a plain CSV is read in parallel.' : 'Split it by creative or by period.',
  );
}
