import type { Job } from '../contracts/job.ts';
import type { ReportMessage } from '../contracts/messages.ts';
import { documentKey, reportCsvKey, shardKey } from '../contracts/object-keys.ts';
import { AnalysisError } from '../domain/errors.ts';
import { resolveParameters } from '../domain/parameters.ts';
import { type AnalyzedItem, buildDocument } from '../domain/report/build-document.ts';
import type { AnalysisDocument, ItemResult } from '../domain/report/document.ts';
import { reportCsv } from '../domain/report/report-csv.ts';
import { documentPieces } from '../domain/report/serialize.ts';
import { shardOf } from '../domain/totals/codec.ts';
import type { PipelineContext, WorkOutcome } from './context.ts';
import { finishJob } from './finish-job.ts';
import { openJob, runOf } from './job-record.ts';
import { readManifest } from './manifest.ts';
import { linesOf, parseLine, resultText, summaryOf } from './shard-results.ts';

const CSV_BATCH = 100;

/**
 * Writes the reports of an analysed job, the same bytes as one process would write for the whole file. Memory grows with
 * the number of items, not with their days: the results are read for order and totals first, then once for each report.
 *
 * @throws AnalysisError `overflow` when a total of the dataset cannot be exact
 */
export async function writeReport(context: PipelineContext, message: ReportMessage): Promise<WorkOutcome> {
  const job = await openJob(context, message);
  if (job === null || job.plan === null || job.state !== 'REPORTING') return 'stale';
  const { rows, currency } = await readManifest(context, job);
  const items: AnalyzedItem[] = [];
  for (let shard = 0; shard < job.plan.shards; shard++) {
    for await (const line of shardLines(context, job, shard)) {
      const item = parseLine(line);
      items.push({ ...item, result: summaryOf(item.result) });
    }
  }
  const document = buildDocument({ items, rows, currency, parameters: resolveParameters(job.parameters) });
  const run = runOf(job);
  const { objects } = context;
  await objects.putIfAbsent(documentKey(run), documentBytes(context, job, document), 'application/json');
  await objects.putIfAbsent(reportCsvKey(run), csvBytes(context, job, document), 'text/csv; charset=utf-8');
  return (await finishJob(context, job, document)) ? 'done' : 'stale';
}

function shardLines({ objects }: PipelineContext, job: Job, shard: number): AsyncGenerator<string> {
  const key = shardKey(runOf(job), shard, job.plan?.shards ?? 1);
  return linesOf(objects.stream({ key, versionId: null, etag: null }));
}

/** Every item of the document in its order, with its line. The shards hold them in the same order, each for itself. */
async function* orderedLines(
  context: PipelineContext,
  job: Job,
  { items }: AnalysisDocument,
): AsyncGenerator<{ id: string; line: string }> {
  const shards = job.plan?.shards ?? 1;
  const lines = Array.from({ length: shards }, (_, shard) => shardLines(context, job, shard));
  try {
    for (const { id } of items) {
      const line = await lines[shardOf(id, shards)]?.next();
      if (line === undefined || line.done) throw new AnalysisError('internal', `No result of "${id}".`);
      yield { id, line: line.value };
    }
  } finally {
    await Promise.all(lines.map((shard) => shard.return(undefined)));
  }
}

async function* documentBytes(
  context: PipelineContext,
  job: Job,
  document: AnalysisDocument,
): AsyncGenerator<Uint8Array> {
  const [head = '', tail = ''] = documentPieces({ ...document, items: [] });
  yield Buffer.from(head);
  let separator = '\n';
  for await (const { id, line } of orderedLines(context, job, document)) {
    yield Buffer.from(separator + resultText(line, id));
    separator = ',\n';
  }
  yield Buffer.from(tail);
}

async function* csvBytes(
  context: PipelineContext,
  job: Job,
  document: AnalysisDocument,
): AsyncGenerator<Uint8Array> {
  const { currency } = document;
  const header = reportCsv({ currency, items: [] });
  yield Buffer.from(header);
  let batch: ItemResult[] = [];
  const rows = () => Buffer.from(reportCsv({ currency, items: batch }).slice(header.length));
  for await (const { line } of orderedLines(context, job, document)) {
    batch.push(parseLine(line).result);
    if (batch.length < CSV_BATCH) continue;
    yield rows();
    batch = [];
  }
  if (batch.length > 0) yield rows();
}
