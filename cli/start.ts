/** `npm start`: analyses the bundled sample, leaves its report under `.local/`, and holds it against the truth. */
import { mkdir, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scoreAgainstTruth, scoredDocumentSchema, scoreLines, trueEventsSchema } from '../sample/score.ts';
import { EXIT } from './errors.ts';
import { runCommandLine } from './program.ts';
import { printLines } from './terminal/io.ts';

const here = (path: string): string => relative('', fileURLToPath(new URL(path, import.meta.url)));
const sample = here('../sample/creative-export.csv.gz');
const truth = here('../sample/true-events.json');
const directory = here('../.local');
const report = `${directory}/report.json`;

const unknown = process.argv.slice(2).filter((argument) => argument !== '--once');
if (unknown.length > 0) {
  await printLines(process.stderr, [
    'error: the command cannot run like this [usage]',
    `  npm start takes --once and nothing else, not ${unknown.join(' ')}.`,
    `  Try: npm run -s analyze -- ${sample} ${unknown.join(' ')}`,
  ]);
  process.exitCode = EXIT.usage;
} else {
  process.exitCode = await analyseSample();
}

async function analyseSample(): Promise<number> {
  await mkdir(directory, { recursive: true });
  const files = ['--json', report, '--csv', `${directory}/analysis_report.csv`];
  const exitCode = await runCommandLine(['analyze', sample, ...files], process);
  if (exitCode !== EXIT.done) return exitCode;

  const document = scoredDocumentSchema.parse(JSON.parse(await readFile(report, 'utf8')));
  const events = trueEventsSchema.parse(JSON.parse(await readFile(truth, 'utf8')));
  const heading = `The sample is made up, and what was planted in it is known (${truth}):`;
  await printLines(process.stdout, ['', heading, '', ...scoreLines(scoreAgainstTruth(document, events))]);
  await printLines(process.stderr, [
    '',
    'Your own export: npm run -s analyze -- FILE.csv (--help says more)',
  ]);
  return exitCode;
}
