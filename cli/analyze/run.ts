import type { ParametersInput } from '../../lambdas/contracts/parameters.ts';
import { analyze, assertAcceptable } from '../../lambdas/domain/analysis.ts';
import { type Dataset, readDataset } from '../../lambdas/domain/input/dataset.ts';
import { type AnalysisParameters, resolveParameters } from '../../lambdas/domain/parameters.ts';
import type { AnalysisDocument } from '../../lambdas/domain/report/document.ts';
import type { ItemDays } from '../../lambdas/domain/totals/item-days.ts';
import { EXIT } from '../errors.ts';
import { counted } from '../format.ts';
import type { Interruption } from '../interruption.ts';
import { canDrawBar, type Io, outputWidth, printLines } from '../terminal/io.ts';
import { type Progress, progressOn, SILENT } from '../terminal/progress.ts';
import { ctrSparkline } from '../terminal/sparkline.ts';
import { painter } from '../terminal/style.ts';
import { harmless } from '../terminal/text.ts';
import { columnLines, dryRunLines } from './dry-run.ts';
import type { AnalyzeOptions } from './options.ts';
import { plainLines, rankedItems, rankingLines, sparklineCells } from './ranking.ts';
import { rejectLines } from './rejects.ts';
import { prepareReports, printReport, stdoutReport, writeReport } from './reports.ts';
import { openSource, type Source } from './source.ts';
import { FAILING_STATUSES } from './status.ts';
import { summaryLines } from './summary.ts';

export interface AnalyzeRequest {
  /** A path, or `-` for standard input. */
  readonly file: string;
  readonly options: AnalyzeOptions;
  readonly parameters: ParametersInput;
}

/**
 * Analyses one input on this machine: progress and messages on stderr, the result on stdout and in files.
 *
 * @returns the exit code; failures are thrown
 */
export async function runAnalyze(
  request: AnalyzeRequest,
  io: Io,
  interruption: Interruption,
): Promise<number> {
  const { options } = request;
  const outputs = await prepareReports(options);
  const parameters = resolveParameters(request.parameters);
  const source = await openSource(request.file, io.stdin, interruption.signal);
  const progress = options.quiet
    ? SILENT
    : progressOn(io.stderr, canDrawBar(io), () => performance.now() / 1000);
  const tell = options.quiet
    ? async () => undefined
    : (lines: readonly string[]) => printLines(io.stderr, lines);
  try {
    const dataset = await read(source, options, progress, interruption.signal);
    if (options.dryRun) {
      await printLines(io.stdout, dryRunLines(source.name, dataset, painter(io.stdout, options.color)));
      assertAcceptable(dataset.rows, parameters.maxRejectedFraction);
      return EXIT.done;
    }
    await tell([...(options.verbose ? verboseLines(dataset, parameters) : []), ...rejectLines(dataset.rows)]);
    assertAcceptable(dataset.rows, parameters.maxRejectedFraction);

    const cells = printsTable(options) ? sparklineCells(outputWidth(io)) : 0;
    const { document, sparklines } = interruption.duringBlocking(() =>
      analyseDataset(dataset, parameters, cells, progress),
    );
    for (const output of outputs) await writeReport(output, document, interruption.signal);
    await tell(outputs.map(({ file }) => `Wrote ${harmless(file.path)}`));
    await printResult(source.name, document, sparklines, options, io);
    return await failOn(document, options, tell);
  } catch (error) {
    progress.abandon();
    interruption.signal.throwIfAborted();
    throw error;
  }
}

async function read(
  { name, bytes, chunks }: Source,
  { map, delimiter, dayFormat, currency, maxBytes }: AnalyzeOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Dataset> {
  progress.startReading(harmless(name), bytes);
  let bytesRead = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  const dataset = await readDataset(counted(), {
    mapping: map,
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(dayFormat === undefined ? {} : { dayFormat }),
    ...(currency === undefined ? {} : { currency }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    signal,
    onProgress: progress.reading,
  });
  signal.throwIfAborted();
  progress.read({ bytes: bytesRead, rows: dataset.rows.read, rejected: dataset.rows.rejected });
  return dataset;
}

/** The analysis, and a CTR sparkline of every creative where `cells` asks for one. */
function analyseDataset(
  dataset: Dataset,
  parameters: AnalysisParameters,
  cells: number,
  progress: Progress,
): { document: AnalysisDocument; sparklines: Map<string, string> } {
  const sparklines = new Map<string, string>();
  function* observed(): Generator<ItemDays> {
    let done = 0;
    for (const item of dataset.items) {
      if (cells > 0) sparklines.set(item.id, ctrSparkline(item, cells));
      yield item;
      progress.analysing(++done);
    }
  }
  progress.startAnalysing(dataset.itemCount);
  const { rows, currency } = dataset;
  const document = analyze({ items: observed(), rows, currency, parameters });
  progress.analysed(document.totals.items);
  return { document, sparklines };
}

function printsTable(options: AnalyzeOptions): boolean {
  return stdoutReport(options) === null && !options.plain;
}

async function printResult(
  name: string,
  document: AnalysisDocument,
  sparklines: ReadonlyMap<string, string>,
  options: AnalyzeOptions,
  io: Io,
): Promise<void> {
  const { plain, top, color } = options;
  const report = stdoutReport(options);
  if (report !== null) return printReport(io.stdout, report(document));
  if (plain) return printLines(io.stdout, plainLines(document, top));
  const paint = painter(io.stdout, color);
  const ranking = rankingLines(document, { top, width: outputWidth(io), sparklines, paint });
  return printLines(io.stdout, [
    ...summaryLines(name, document, paint),
    ...(ranking.length > 0 ? ['', ...ranking] : []),
  ]);
}

async function failOn(
  document: AnalysisDocument,
  { failOn: status }: AnalyzeOptions,
  tell: (lines: readonly string[]) => Promise<void>,
): Promise<number> {
  if (status === undefined) return EXIT.done;
  const failing = rankedItems(document).filter(({ verdict }) =>
    FAILING_STATUSES[status].includes(verdict.fatigueStatus),
  );
  if (failing.length === 0) return EXIT.done;
  const worse = status === 'terminal-decline' ? '' : ' or worse';
  await tell([
    `--fail-on ${status}: ${counted(failing.length, 'creative is', 'creatives are')} ${status}${worse}`,
  ]);
  return EXIT.failOnMatched;
}

function verboseLines(dataset: Dataset, parameters: AnalysisParameters): string[] {
  const listed = Object.entries(parameters).map(([name, value]) => `  ${name.padEnd(20)} ${value}`);
  return ['Columns', ...columnLines(dataset), 'Parameters', ...listed];
}
