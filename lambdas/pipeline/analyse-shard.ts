import type { Job } from '../contracts/job.ts';
import type { AnalyseMessage } from '../contracts/messages.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { seriesKey, shardKey } from '../contracts/object-keys.ts';
import { AnalysisError } from '../domain/errors.ts';
import { resolveParameters } from '../domain/parameters.ts';
import { decodeSection } from '../domain/totals/codec.ts';
import { TotalsTable } from '../domain/totals/table.ts';
import { advance, dispatchLeftover } from './advance.ts';
import { concurrently } from './concurrently.ts';
import type { PipelineContext, WorkOutcome } from './context.ts';
import { openJob, runOf } from './job-record.ts';
import { knownResults } from './known-results.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { KEPT_BYTES, ShardAnalysis } from './shard-analysis.ts';
import { RESULTS_TYPE } from './shard-results.ts';
import { shardSet } from './tasks.ts';

/** Sections fetched at a time; each is some hundred kilobytes. */
const CONCURRENCY = 16;

/**
 * Analyses the items of one shard: their totals out of every partial, added up exactly. Results go into one object and
 * totals into another. Whoever completes the set of shards moves the job on.
 *
 * @throws AnalysisError `overflow` when a total cannot be exact; other errors are worth another attempt
 */
export async function analyseShard(context: PipelineContext, message: AnalyseMessage): Promise<WorkOutcome> {
  const { jobs, objects, metrics } = context;
  const { shard } = message;
  const job = await openJob(context, message);
  if (job === null) return 'stale';
  if (job.plan === null || !isAnalysing(job)) {
    await dispatchLeftover(context, job);
    return 'stale';
  }
  const { shards } = job.plan;
  const set = shardSet(job, job.plan);
  if (await jobs.hasCommitted(set, shard)) {
    await advance(context, job);
    return 'done';
  }
  const manifest = await readManifest(context, job);
  const totals = await readShard(context, manifest, shard);
  const current = totals.items(manifest.withSpend);
  const known = await knownResults(context, job, [shard, shards], current, KEPT_BYTES);
  const items = new ShardAnalysis(totals, manifest.withSpend, resolveParameters(job.parameters), known);
  const run = runOf(job);
  await objects.putIfAbsent(shardKey(run, shard, shards), items.resultLines(), RESULTS_TYPE);
  await objects.putIfAbsent(seriesKey(run, shard, shards), items.seriesLines(), RESULTS_TYPE);

  const stillOpen = await openJob(context, message);
  if (stillOpen === null || !isAnalysing(stillOpen)) return 'stale';
  const { size } = await jobs.commit(set, shard, { items: items.length });
  metrics.count(METRICS.shardsAnalysed);
  metrics.count(METRICS.itemsAnalysed, items.length - known.size);
  metrics.count(METRICS.itemsReused, known.size);
  if (size >= shards) await advance(context, stillOpen);
  return 'done';
}

function isAnalysing({ state, phase }: Job): boolean {
  return state === 'PROCESSING' && phase?.name === 'analyse';
}

/** The daily totals of a shard's items over all partials. */
async function readShard(
  { objects }: PipelineContext,
  { partials, withSpend }: Manifest,
  shard: number,
): Promise<TotalsTable> {
  const table = new TotalsTable();
  await concurrently(partials, CONCURRENCY, async ({ key, sections }) => {
    const place = sections[shard];
    if (place === undefined) throw new AnalysisError('internal', `The manifest has no shard ${shard}.`);
    const [offset, length, crc] = place;
    if (length === 0) return;
    const object = { key, versionId: null, etag: null };
    const bytes = await objects.read(object, { start: offset, end: offset + length });
    for (const item of decodeSection(bytes, { offset, length, crc }, withSpend)) table.addItem(item);
  });
  return table;
}
