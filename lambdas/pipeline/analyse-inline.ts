import type { Job } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { documentKey, reportCsvKey, seriesKey, shardKey } from '../contracts/object-keys.ts';
import { type AnalyzedItem, analyzeItem, assertAcceptable, buildDocument } from '../domain/analysis.ts';
import { AnalysisError } from '../domain/errors.ts';
import { type Dataset, readDataset } from '../domain/input/dataset.ts';
import { resolveParameters } from '../domain/parameters.ts';
import { tallyOf } from '../domain/report/dataset-tally.ts';
import type { AnalysisDocument } from '../domain/report/document.ts';
import { compareItems } from '../domain/report/order.ts';
import { reportCsv } from '../domain/report/report-csv.ts';
import { documentPieces } from '../domain/report/serialize.ts';
import { dispatch } from './advance.ts';
import type { PipelineContext, WorkOutcome } from './context.ts';
import { finishJob } from './finish-job.ts';
import { seriesLine } from './item-series.ts';
import { changeJob, runOf } from './job-record.ts';
import { type KnownResults, knownResults } from './known-results.ts';
import { loadResults } from './load-results.ts';
import { readStream } from './read-input.ts';
import { RESULTS_TYPE, resultLine } from './shard-results.ts';

/** A dataset with all that was found of it, the items in the order of reports. */
interface Findings {
  readonly dataset: Dataset;
  readonly items: readonly AnalyzedItem[];
  readonly document: AnalysisDocument;
}

/**
 * Does a small job in one go: reads, analyses and reports in one process, with no message sent. It leaves the results
 * that a larger one leaves, as those of a single shard. A job that unpacks to more than a small one goes to the queues.
 *
 * @throws AnalysisError when the input has to be refused; other errors are worth another attempt
 */
export async function analyseInline(context: PipelineContext, job: Job): Promise<WorkOutcome> {
  const dataset = await readSmall(context, job);
  if (dataset === null) return leaveToQueues(context, job);
  // Nothing else is in memory, and the results of a small input are not much.
  const known = await knownResults(context, job, [0, 1], dataset.items, Number.POSITIVE_INFINITY);
  const findings = analyse(dataset, job, known);
  const { document } = findings;
  context.metrics.count(METRICS.rowsScanned, dataset.rows.read);
  context.metrics.count(METRICS.bytesScanned, job.source.bytes ?? 0);
  context.metrics.count(METRICS.itemsAnalysed, document.items.length - known.size);
  context.metrics.count(METRICS.itemsReused, known.size);
  const reporting = job.state === 'REPORTING' ? job : await startReporting(context, job);
  if (reporting === null) return 'stale';
  await writeFindings(context, job, findings);
  const stored = await loadResults(context, reporting);
  const outcome = { ...document, statuses: tallyOf(findings.items).statuses(), stored };
  return (await finishJob(context, reporting, outcome)) ? 'done' : 'stale';
}

/** Reads an input as far as one run of one worker goes; null when there is more, however small it was packed. */
async function readSmall(context: PipelineContext, job: Job): Promise<Dataset | null> {
  try {
    return await readStream(context, job, readDataset, context.settings.chunkBytes);
  } catch (error) {
    // Whether it is too large altogether is for the scan to say, which reads on.
    if (error instanceof AnalysisError && error.code === 'dataset_too_large') return null;
    throw error;
  }
}

/**
 * Has the job scanned as one stream by a worker with more time. One shard will do: rows that pack this well have few
 * totals, for every total that is unlike the others costs some bytes even when packed.
 */
async function leaveToQueues(context: PipelineContext, job: Job): Promise<WorkOutcome> {
  const message = `Unpacks to more than ${context.settings.chunkBytes} bytes; read as one stream.`;
  const moved = await changeJob(context, job, (current) => {
    if (current.run !== job.run || current.state !== 'PROCESSING' || current.phase?.name !== 'inline')
      return null;
    return {
      set: { phase: { name: 'scan', round: 0, tasks: 1, dispatched: false } },
      event: { kind: 'state', message },
    };
  });
  if (moved === null) return 'stale';
  await dispatch(context, moved);
  return 'done';
}

function analyse(dataset: Dataset, job: Job, known: KnownResults): Findings {
  const parameters = resolveParameters(job.parameters);
  const { rows, currency } = dataset;
  assertAcceptable(rows, parameters.maxRejectedFraction);
  const items = Array.from(
    dataset.items,
    (item) => known.get(item.id)?.item ?? analyzeItem(item, parameters),
  );
  items.sort((a, b) => compareItems(a.result, b.result));
  return { dataset, items, document: buildDocument({ items, rows, currency, parameters }) };
}

async function writeFindings(
  { objects }: PipelineContext,
  job: Job,
  { dataset, items, document }: Findings,
): Promise<void> {
  const run = runOf(job);
  const series = dataset.itemsOf(items.map(({ result: { id } }) => id));
  const csv = Buffer.from(reportCsv(document));
  await Promise.all([
    objects.putIfAbsent(shardKey(run, 0, 1), mapped(items, resultLine), RESULTS_TYPE),
    objects.putIfAbsent(seriesKey(run, 0, 1), mapped(series, seriesLine), RESULTS_TYPE),
    objects.putIfAbsent(documentKey(run), mapped(documentPieces(document), Buffer.from), 'application/json'),
    objects.putIfAbsent(reportCsvKey(run), csv, 'text/csv; charset=utf-8'),
  ]);
}

function startReporting(context: PipelineContext, job: Job): Promise<Job | null> {
  return changeJob(context, job, (current) => {
    if (current.run !== job.run || current.state !== 'PROCESSING') return null;
    return { set: { state: 'REPORTING' } };
  });
}

async function* mapped<T>(
  elements: Iterable<T>,
  bytesOf: (element: T) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  for (const element of elements) yield bytesOf(element);
}
