import type { Job } from '../contracts/job.ts';
import type { ReportMessage } from '../contracts/messages.ts';
import { documentKey, reportCsvKey, shardKey } from '../contracts/object-keys.ts';
import { resolveParameters } from '../domain/parameters.ts';
import { documentFrame } from '../domain/report/build-document.ts';
import { DatasetTally } from '../domain/report/dataset-tally.ts';
import type { AnalysisDocument, ItemResult } from '../domain/report/document.ts';
import { reportCsv } from '../domain/report/report-csv.ts';
import { documentPieces } from '../domain/report/serialize.ts';
import type { PipelineContext, WorkOutcome } from './context.ts';
import { finishJob } from './finish-job.ts';
import { openJob, runOf } from './job-record.ts';
import { loadResults } from './load-results.ts';
import { readManifest } from './manifest.ts';
import { inOrder, mergeShards, type ShardLines } from './merge-shards.ts';
import { linesOf, parseLine, resultText } from './shard-results.ts';

const CSV_BATCH = 100;

/**
 * Writes the reports of an analysed job, the same bytes as one process would write for the whole file, and has its
 * results made ready to be searched. The results are
 * read for order and totals first, then once for each report; what is kept of an item is which shard it is in, and its
 * p-value where discoveries are wanted.
 *
 * @throws AnalysisError `overflow` when a total of the dataset cannot be exact
 */
export async function writeReport(context: PipelineContext, message: ReportMessage): Promise<WorkOutcome> {
  const job = await openJob(context, message);
  if (job === null || job.plan === null || job.state !== 'REPORTING') return 'stale';
  const { rows, currency } = await readManifest(context, job);
  const { shards } = job.plan;
  const results = () => openShards(context, job, shards);
  const tally = new DatasetTally();
  const order: number[] = [];
  for await (const { shard, item } of mergeShards(results())) {
    tally.add(item);
    order.push(shard);
  }
  const frame = documentFrame(tally, { rows, currency, parameters: resolveParameters(job.parameters) });
  const run = runOf(job);
  const { objects } = context;
  const json = documentBytes(frame, inOrder(results(), order));
  await objects.putIfAbsent(documentKey(run), json, 'application/json');
  const csv = csvBytes(currency, inOrder(results(), order));
  // Another function loads what is there by now, while this one goes on.
  const [stored] = await Promise.all([
    loadResults(context, job),
    objects.putIfAbsent(reportCsvKey(run), csv, 'text/csv; charset=utf-8'),
  ]);
  return (await finishJob(context, job, { ...frame, statuses: tally.statuses(), stored })) ? 'done' : 'stale';
}

/** Streams of all shards' results; none is asked for anything before it is read. */
function openShards({ objects }: PipelineContext, job: Job, shards: number): ShardLines {
  return Array.from({ length: shards }, (_, shard) => {
    const key = shardKey(runOf(job), shard, shards);
    return linesOf(objects.stream({ key, versionId: null, etag: null }));
  });
}

async function* documentBytes(
  frame: Omit<AnalysisDocument, 'items'>,
  lines: AsyncIterable<string>,
): AsyncGenerator<Uint8Array> {
  const [head = '', tail = ''] = documentPieces({ ...frame, items: [] });
  yield Buffer.from(head);
  let separator = '\n';
  for await (const line of lines) {
    yield Buffer.from(separator + resultText(line));
    separator = ',\n';
  }
  yield Buffer.from(tail);
}

async function* csvBytes(currency: string, lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const header = reportCsv({ currency, items: [] });
  yield Buffer.from(header);
  let batch: ItemResult[] = [];
  const rows = () => Buffer.from(reportCsv({ currency, items: batch }).slice(header.length));
  for await (const line of lines) {
    batch.push(parseLine(line).result);
    if (batch.length < CSV_BATCH) continue;
    yield rows();
    batch = [];
  }
  if (batch.length > 0) yield rows();
}
