import type { AnalysisDocument } from '../../lambdas/domain/report/document.ts';
import { reportCsv } from '../../lambdas/domain/report/report-csv.ts';
import { documentPieces } from '../../lambdas/domain/report/serialize.ts';
import { UsageError } from '../errors.ts';
import { gathered, type OutputFile, prepareOutput, writeOutput } from '../output-file.ts';
import { type OutputStream, printText } from '../terminal/io.ts';
import type { AnalyzeOptions } from './options.ts';

/** In place of a path: print the report instead of the table. */
const STDOUT = '-';

type Report = (document: AnalysisDocument) => Iterable<string>;

/** A report that was asked for as a file. */
export interface ReportFile {
  readonly file: OutputFile;
  readonly report: Report;
}

const csvPieces: Report = (document) => [reportCsv(document)];

/**
 * The report files that the options ask for, checked before any work is done.
 *
 * @throws UsageError when one cannot be written, or two reports want stdout
 */
export async function prepareReports({ json, csv }: AnalyzeOptions): Promise<ReportFile[]> {
  if (json === STDOUT && csv === STDOUT) {
    throw new UsageError('--json and --csv cannot both go to stdout.', '--json - --csv report.csv');
  }
  const wanted: readonly (readonly [string, string | undefined, Report])[] = [
    ['--json', json, documentPieces],
    ['--csv', csv, csvPieces],
  ];
  const files: ReportFile[] = [];
  for (const [option, path, report] of wanted) {
    if (path !== undefined && path !== STDOUT)
      files.push({ file: await prepareOutput(option, path), report });
  }
  return files;
}

export function writeReport(
  { file, report }: ReportFile,
  document: AnalysisDocument,
  signal: AbortSignal,
): Promise<void> {
  return writeOutput(file, report(document), signal);
}

/** The report that goes to stdout; null when none was asked for there. */
export function stdoutReport({ json, csv }: AnalyzeOptions): Report | null {
  if (json === STDOUT) return documentPieces;
  return csv === STDOUT ? csvPieces : null;
}

export async function printReport(stream: OutputStream, pieces: Iterable<string>): Promise<void> {
  for (const piece of gathered(pieces)) await printText(stream, piece);
}
