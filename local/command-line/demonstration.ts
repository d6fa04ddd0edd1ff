import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rankingLines } from '../../cli/analyze/ranking.ts';
import { summaryLines } from '../../cli/analyze/summary.ts';
import { complaintLines, EXIT } from '../../cli/errors.ts';
import { counted, duration } from '../../cli/format.ts';
import { type Io, outputWidth, printLines } from '../../cli/terminal/io.ts';
import { painter } from '../../cli/terminal/style.ts';
import type { Job } from '../../lambdas/contracts/job.ts';
import type { AnalysisDocument } from '../../lambdas/domain/report/document.ts';
import { scoreAgainstTruth, scoredDocumentSchema, scoreLines, trueEventsSchema } from '../../sample/score.ts';
import type { User } from '../user.ts';
import { jobProgressOn, SILENT } from './job-progress.ts';

const NAME = 'creative-export';
const TOP = 10;
const here = (path: string): string => relative('', fileURLToPath(new URL(path, import.meta.url)));
const SAMPLE = here(`../../sample/${NAME}.csv.gz`);
const TRUTH = here('../../sample/true-events.json');

export interface Demonstration {
  readonly user: User;
  readonly tenant: string;
  /** Name of the data bucket. */
  readonly bucket: string;
  /** Where the reports are left. */
  readonly directory: string;
  readonly io: Io;
  readonly quiet: boolean;
  readonly signal: AbortSignal;
}

/**
 * Uploads the sample as a user would, follows its job, prints what came out and leaves the reports.
 *
 * @returns the exit code
 */
export async function demonstrate(demonstration: Demonstration): Promise<number> {
  const { user, tenant, bucket, io, quiet, signal } = demonstration;
  const say = async (...lines: string[]) => printLines(io.stderr, quiet ? [] : lines);
  const key = `uploads/${tenant}/inbox/${NAME}.csv.gz`;
  const since = performance.now();
  const version = await user.upload(key, await readFile(SAMPLE));
  await say(`Uploaded ${SAMPLE} to s3://${bucket}/${key}`);
  const progress = quiet ? SILENT : jobProgressOn(io);
  const job = await user.follow({ key, version }, progress.show, signal).finally(progress.end);
  if (job.state !== 'SUCCEEDED') {
    await printLines(io.stderr, complaintLines(failureOf(job), painter(io.stderr, true)));
    return EXIT.internal;
  }
  const took = duration((performance.now() - since) / 1000);
  await say(`  SUCCEEDED   ${job.id}, ${counted(job.rows?.read ?? 0, 'row')}, ${took} after the upload`, '');
  await printResults(demonstration, await user.results(job));
  return EXIT.done;
}

function failureOf({ id, state, error }: Job) {
  return {
    title: 'the sample was not analysed',
    code: error?.code ?? state.toLowerCase(),
    detail: `${id} ended as ${state}: ${error?.message ?? 'no reason is known.'}`,
    remedy: error?.remedy ?? null,
    exitCode: EXIT.internal,
  };
}

async function printResults(
  { directory, io, quiet }: Demonstration,
  { document: text, csv }: { document: string; csv: string },
): Promise<void> {
  const reports = { document: join(directory, 'report.json'), csv: join(directory, 'analysis_report.csv') };
  await mkdir(directory, { recursive: true });
  await writeFile(reports.document, text);
  await writeFile(reports.csv, csv);
  const document: AnalysisDocument = JSON.parse(text);
  const paint = painter(io.stdout, true);
  const score = scoreAgainstTruth(
    scoredDocumentSchema.parse(document),
    trueEventsSchema.parse(JSON.parse(await readFile(TRUTH, 'utf8'))),
  );
  const view = { top: TOP, width: outputWidth(io), sparklines: new Map(), all: reports.csv, paint };
  await printLines(io.stdout, [
    ...summaryLines(NAME, document, paint),
    '',
    ...rankingLines(document, view),
    '',
    `The sample is made up, and what was planted in it is known (${TRUTH}):`,
    '',
    ...scoreLines(score),
  ]);
  if (!quiet) await printLines(io.stderr, ['', `Reports: ${reports.document}, ${reports.csv}`]);
}
