/** `npm start`: runs the synthesised system on this machine, analyses the bundled sample through it, and stays up. */
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { rankingLines } from '../cli/analyze/ranking.ts';
import { summaryLines } from '../cli/analyze/summary.ts';
import { canDrawBar, outputWidth, printLines } from '../cli/terminal/io.ts';
import { painter } from '../cli/terminal/style.ts';
import type { Job } from '../lambdas/contracts/job.ts';
import type { AnalysisDocument } from '../lambdas/domain/report/document.ts';
import type { JobProgress } from '../lambdas/pipeline/read-progress.ts';
import { scoreAgainstTruth, scoredDocumentSchema, scoreLines, trueEventsSchema } from '../sample/score.ts';
import { DEFAULT_AWS_PORT, type LocalCloud, startLocalCloud } from './local-cloud.ts';
import { outputOf, type User, userOf } from './user.ts';

const TENANT = 'demo';
const TOP = 10;
const here = (path: string): string => relative('', fileURLToPath(new URL(path, import.meta.url)));
const SAMPLE = here('../sample/creative-export.csv.gz');
const TRUTH = here('../sample/true-events.json');

const say = (...lines: string[]) => printLines(process.stderr, lines);

const { values: options } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    port: { type: 'string', default: String(DEFAULT_AWS_PORT) },
    data: { type: 'string', default: here('../.local') },
  },
});

const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
await say('Synthesising the CDK app (stage dev) and starting what it defines: no AWS account, no Docker.');
const cloud = await startLocalCloud({ dataDirectory: options.data, ports: { aws: portOf(options.port) } });
const stopping = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => cloud.stop());
try {
  await say(`Up after ${seconds()}.`, ...inventory(cloud), '');
  process.exitCode = await demonstrate(cloud);
  if (!options.once) {
    await say('', ...nextSteps(cloud), '', 'Ctrl-C stops it; what it holds stays in .local/.');
    await stopping;
  }
} finally {
  await cloud.stop();
}

/** Uploads the sample as a user would, follows its job, prints what came out. @returns the exit code */
async function demonstrate(running: LocalCloud): Promise<number> {
  const user = userOf(running, TENANT);
  try {
    const key = `uploads/${TENANT}/inbox/creative-export.csv.gz`;
    const since = performance.now();
    const version = await user.upload(key, await readFile(SAMPLE));
    await say(`Uploaded ${SAMPLE} to s3://${outputOf(running, 'DataBucketName')}/${key}`);
    const job = await user.follow({ key, version }, progressReporter());
    if (job.state !== 'SUCCEEDED') {
      await say(`${job.id} ended as ${job.state}: ${job.error?.message ?? 'no reason given'}`);
      return 1;
    }
    await say(
      `${job.id} SUCCEEDED ${((performance.now() - since) / 1000).toFixed(1)} s after the upload.`,
      '',
    );
    await printResults(user, job);
    return 0;
  } finally {
    user.close();
  }
}

async function printResults(user: User, job: Job): Promise<void> {
  const { document: text, csv } = await user.results(job);
  await mkdir(options.data, { recursive: true });
  await writeFile(`${options.data}/report.json`, text);
  await writeFile(`${options.data}/analysis_report.csv`, csv);
  const document: AnalysisDocument = JSON.parse(text);
  const paint = painter(process.stdout, true);
  const width = outputWidth(process);
  const score = scoreAgainstTruth(
    scoredDocumentSchema.parse(document),
    trueEventsSchema.parse(JSON.parse(await readFile(TRUTH, 'utf8'))),
  );
  await printLines(process.stdout, [
    ...summaryLines('creative-export', document, paint),
    '',
    ...rankingLines(document, { top: TOP, width, sparklines: new Map(), paint }),
    '',
    `The sample is made up, and what was planted in it is known (${TRUTH}):`,
    '',
    ...scoreLines(score),
  ]);
  await say('', `Reports: ${options.data}/report.json and ${options.data}/analysis_report.csv`);
}

/** One line that moves on a terminal, a line for each change elsewhere. */
function progressReporter(): (job: Job, progress: JobProgress) => void {
  const moves = canDrawBar(process);
  let shown = '';
  return (job, { percent, rowsRead }) => {
    const rows = rowsRead > 0 ? ` · ${rowsRead.toLocaleString('en-GB')} rows` : '';
    const line = `${job.state} ${percent} %${rows}`;
    if (line === shown) return;
    shown = line;
    process.stderr.write(moves ? `\r\u001b[K${line}${job.state === 'SUCCEEDED' ? '\n' : ''}` : `${line}\n`);
  };
}

function inventory(running: LocalCloud): string[] {
  return [
    `  AWS endpoint   ${running.endpoint}   (S3, SQS, DynamoDB, Lambda, SNS)`,
    `  functions      ${Object.keys(running.statistics()).length}, each in its own processes and with the permissions of its role`,
    `  no effect here ${Object.keys(running.withoutEffect).join(', ')}`,
    ...running.notImitated.map((line) => `  not imitated   ${line}`),
    ...(running.resumedMessages > 0
      ? [`  resumed        ${running.resumedMessages} interrupted messages`]
      : []),
  ];
}

function nextSteps(running: LocalCloud): string[] {
  const bucket = outputOf(running, 'DataBucketName');
  return [
    'Analyse your own export through it, with the AWS command line:',
    '',
    ...Object.entries(running.environment).map(([name, value]) => `  export ${name}=${value}`),
    `  aws s3 cp export.csv s3://${bucket}/uploads/${TENANT}/inbox/export.csv`,
    `  aws s3 ls --recursive s3://${bucket}/reports/${TENANT}/`,
    '',
    'or without any of this:  npm run -s analyze -- export.csv',
  ];
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new Error(`--port needs a port number, not ${JSON.stringify(text)}.`);
}
