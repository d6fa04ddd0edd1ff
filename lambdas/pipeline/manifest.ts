import * as z from 'zod';
import type { Job, JobPlan } from '../contracts/job.ts';
import { manifestKey, partialKey } from '../contracts/object-keys.ts';
import { assertAcceptable } from '../domain/analysis.ts';
import { AnalysisError } from '../domain/errors.ts';
import { type Dataset, finishDataset } from '../domain/input/dataset.ts';
import { latestOutcomes, type RoundOutcomes } from '../domain/job/scan-rounds.ts';
import type { Columns } from '../domain/observation/columns.ts';
import { REJECT_REASONS } from '../domain/observation/reject.ts';
import { resolveParameters } from '../domain/parameters.ts';
import { decodeHead, headLength } from '../domain/totals/codec.ts';
import { mergePartials, type Partial } from '../domain/totals/partial.ts';
import type { PartialHead } from '../domain/totals/partial-head.ts';
import { Tally } from '../domain/totals/tally.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { concurrently } from './concurrently.ts';
import type { PipelineContext } from './context.ts';
import { runOf } from './job-record.ts';
import { cutOf } from './tasks.ts';

const HEAD_BYTES = 1 << 16;
/** Heads read at a time: a tenth of a second each, and 750 of them for 100 GB. */
const CONCURRENCY = 32;

const sampleSchema = z.object({
  line: z.int(),
  byteOffset: z.int().nullable(),
  column: z.string().nullable(),
  reason: z.enum(REJECT_REASONS),
  text: z.string(),
});

const manifestSchema = z.object({
  rows: z.object({
    read: z.int(),
    rejected: z.int(),
    reasons: z.partialRecord(z.enum(REJECT_REASONS), z.int()),
    samples: z.array(sampleSchema),
  }),
  /** ISO 4217. */
  currency: z.string(),
  withSpend: z.boolean(),
  /** Every partial that holds rows, with offset, length and CRC-32 of each shard's section in it. */
  partials: z.array(z.object({ key: z.string(), sections: z.array(z.tuple([z.int(), z.int(), z.int()])) })),
});

/** What the partials of a run say together, so that a worker of one shard need not open all of them. */
export type Manifest = z.infer<typeof manifestSchema>;

/**
 * Merges the heads of all partials of a complete scan, and writes what they say.
 *
 * @throws AnalysisError `empty_dataset`, `too_many_rejected_rows`
 */
export async function writeManifest(
  context: PipelineContext,
  job: Job,
  plan: Extract<JobPlan, { kind: 'ranges' }>,
  rounds: readonly RoundOutcomes[],
): Promise<void> {
  const keys = latestOutcomes(cutOf(plan), rounds)
    .filter(({ first }) => first !== null)
    .map((outcome) => partialKey(runOf(job), outcome, outcome.first));
  const heads = await concurrently(keys, CONCURRENCY, (key) => readHead(context.objects, key));
  const { columns, dataLine } = plan.csv;
  const whole = mergePartials(heads.map(withoutItems));
  await putManifest(context, job, { whole, columns, dataLine, keys, heads });
}

/** What a complete scan found, apart from the items. */
export interface ScannedInput {
  readonly whole: Partial;
  readonly columns: Columns | null;
  readonly dataLine: number | null;
  /** Keys of the partials, and their heads. */
  readonly keys: readonly string[];
  readonly heads: readonly PartialHead[];
}

/** @throws AnalysisError `empty_dataset`, `too_many_rejected_rows` */
export async function putManifest(
  { objects }: Pick<PipelineContext, 'objects'>,
  job: Job,
  { whole, columns, dataLine, keys, heads }: ScannedInput,
): Promise<Dataset> {
  const dataset = finishDataset(whole, columns, dataLine);
  const { maxRejectedFraction } = resolveParameters(job.parameters);
  assertAcceptable(dataset.rows, maxRejectedFraction);
  // As `finishDataset` chooses: one row that shows a percentage decides for the whole column.
  const tally = whole.percentSeen && whole.tallies.length === 2 ? 1 : 0;
  const manifest = {
    rows: dataset.rows,
    currency: dataset.currency,
    withSpend: whole.withSpend,
    partials: heads.map(({ sections }, i) => ({
      key: keys[i],
      sections: (sections[tally] ?? []).map(({ offset, length, crc }) => [offset, length, crc]),
    })),
  };
  await objects.putIfAbsent(
    manifestKey(runOf(job)),
    Buffer.from(JSON.stringify(manifest)),
    'application/json',
  );
  return dataset;
}

/** @throws AnalysisError `internal` when there is none */
export async function readManifest(
  { objects }: Pick<PipelineContext, 'objects'>,
  job: Job,
): Promise<Manifest> {
  const bytes = await objects.get(manifestKey(runOf(job)));
  if (bytes === null) throw new AnalysisError('internal', 'The scan of this job left no manifest.');
  return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

async function readHead(objects: ObjectStore, key: string): Promise<PartialHead> {
  const object = { key, versionId: null, etag: null };
  const start = await objects.read(object, { start: 0, end: HEAD_BYTES });
  const length = headLength(start);
  if (length <= start.length) return decodeHead(start);
  return decodeHead(await objects.read(object, { start: 0, end: length }));
}

/** A partial as far as its head tells: all but the totals. */
function withoutItems({ spans, rowsRead, withSpend, percentSeen, rejections }: PartialHead): Partial {
  const [first = new Tally(), second] = rejections.map((found) => {
    const tally = new Tally();
    for (const [reason, count] of found.reasons) tally.rejections.reasons.set(reason, count);
    tally.rejections.samples = found.samples;
    return tally;
  });
  return {
    spans,
    rowsRead,
    withSpend,
    percentSeen,
    tallies: second === undefined ? [first] : [first, second],
  };
}
