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
import { linesOf, parseLine, resultText, withoutSeries } from './shard-results.ts';

/**
 * Writes the reports of an analysed job, the same bytes as one process would write for the whole file. Memory grows with
 * the number of items, not with their days: the results are read twice, first for order and totals, then for their text.
 *
 * @throws AnalysisError `overflow` when a total of the dataset cannot be exact
 */
export async function writeReport(context: PipelineContext, message: ReportMessage): Promise<WorkOutcome> {
  const job = await openJob(context, message);
  if (job === null || job.plan === null || job.state !== 'REPORTING') return 'stale';
  const { rows, currency } = await readManifest(context, job);
  const csvRows = new Map<string, string>();
  const items: AnalyzedItem[] = [];
  for (let shard = 0; shard < job.plan.shards; shard++) {
    for await (const line of shardLines(context, job, shard)) {
      const item = parseLine(line);
      csvRows.set(item.result.id, csvLines(currency, [item.result])[1]);
      items.push({ ...item, result: withoutSeries(item.result) });
    }
  }
  const document = buildDocument({ items, rows, currency, parameters: resolveParameters(job.parameters) });
  const run = runOf(job);
  const { objects } = context;
  await objects.putIfAbsent(documentKey(run), documentBytes(context, job, document), 'application/json');
  await objects.putIfAbsent(reportCsvKey(run), csvBytes(document, csvRows), 'text/csv; charset=utf-8');
  return (await finishJob(context, job, document)) ? 'done' : 'stale';
}

function shardLines({ objects }: PipelineContext, job: Job, shard: number): AsyncGenerator<string> {
  const key = shardKey(runOf(job), shard, job.plan?.shards ?? 1);
  return linesOf(objects.stream({ key, versionId: null, etag: null }));
}

/** The document's text, its items taken from the shards, which hold them in the same order. */
async function* documentBytes(
  context: PipelineContext,
  job: Job,
  document: AnalysisDocument,
): AsyncGenerator<Uint8Array> {
  const shards = job.plan?.shards ?? 1;
  const lines = Array.from({ length: shards }, (_, shard) => shardLines(context, job, shard));
  const [head = '', tail = ''] = documentPieces({ ...document, items: [] });
  try {
    yield Buffer.from(head);
    let separator = '\n';
    for (const { id } of document.items) {
      const line = await lines[shardOf(id, shards)]?.next();
      if (line === undefined || line.done) throw new AnalysisError('internal', `No result of "${id}".`);
      yield Buffer.from(separator + resultText(line.value, id));
      separator = ',\n';
    }
    yield Buffer.from(tail);
  } finally {
    await Promise.all(lines.map((shard) => shard.return(undefined)));
  }
}

async function* csvBytes(
  { currency, items }: AnalysisDocument,
  rows: ReadonlyMap<string, string>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(csvLines(currency, [])[0]);
  for (const { id } of items) yield Buffer.from(rows.get(id) ?? '');
}

/** The header line of the CSV report, and the lines of the given items. */
function csvLines(currency: string, items: readonly ItemResult[]): [header: string, rows: string] {
  const text = reportCsv({ currency, items });
  const header = text.indexOf('\n') + 1;
  return [text.slice(0, header), text.slice(header)];
}
