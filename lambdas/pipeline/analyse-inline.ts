import type { Job } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { documentKey, reportCsvKey } from '../contracts/object-keys.ts';
import { analyze } from '../domain/analysis.ts';
import { readDataset } from '../domain/input/dataset.ts';
import { resolveParameters } from '../domain/parameters.ts';
import { reportCsv } from '../domain/report/report-csv.ts';
import { documentPieces } from '../domain/report/serialize.ts';
import type { PipelineContext, WorkOutcome } from './context.ts';
import { finishJob } from './finish-job.ts';
import { changeJob, runOf } from './job-record.ts';
import { readStream } from './read-input.ts';

/**
 * Does a small job in one go: reads, analyses and reports in one process, with two objects written and no message sent.
 *
 * @throws AnalysisError when the input has to be refused; other errors are worth another attempt
 */
export async function analyseInline(context: PipelineContext, job: Job): Promise<WorkOutcome> {
  const { items, rows, currency } = await readStream(context, job, readDataset);
  const document = analyze({ items, rows, currency, parameters: resolveParameters(job.parameters) });
  context.metrics.count(METRICS.rowsScanned, rows.read);
  context.metrics.count(METRICS.itemsAnalysed, document.items.length);
  const reporting = job.state === 'REPORTING' ? job : await startReporting(context, job);
  if (reporting === null) return 'stale';
  const run = runOf(job);
  const pieces = utf8(documentPieces(document));
  await context.objects.putIfAbsent(documentKey(run), pieces, 'application/json');
  const csv = Buffer.from(reportCsv(document));
  await context.objects.putIfAbsent(reportCsvKey(run), csv, 'text/csv; charset=utf-8');
  return (await finishJob(context, reporting, document)) ? 'done' : 'stale';
}

function startReporting(context: PipelineContext, job: Job): Promise<Job | null> {
  return changeJob(context, job, (current) => {
    if (current.run !== job.run || current.state !== 'PROCESSING') return null;
    return { set: { state: 'REPORTING' } };
  });
}

async function* utf8(pieces: Iterable<string>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}
