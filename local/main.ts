import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DEFAULT_AWS_PORT, type LocalCloud, startLocalCloud } from './local-cloud.ts';

const HELP = `Runs the synthesised CDK app on this machine, without AWS.

  node local/main.ts [options]

  --stage NAME        stage of the app (dev)
  --port NUMBER       port of the AWS endpoint (${DEFAULT_AWS_PORT})
  --data DIRECTORY    where everything is kept (.local)
  --environments N    most execution environments at a time (4, or two a processor)
  --once              start, print what there is, and stop again
  --reset             remove what earlier starts kept in the data directory, first
  --quiet             do not print the functions' logs; they are files in any case
`;

const { values } = parseArgs({
  options: {
    stage: { type: 'string', default: 'dev' },
    port: { type: 'string', default: String(DEFAULT_AWS_PORT) },
    data: { type: 'string', default: '.local' },
    environments: { type: 'string' },
    once: { type: 'boolean', default: false },
    reset: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

// Only what starts made: the directory may hold what somebody else put there.
const KEPT = ['assembly', 'credentials-secret', 'dynamodb', 'logs', 's3', 'sqs'];

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  if (values.reset)
    for (const name of KEPT) rmSync(`${values.data}/${name}`, { recursive: true, force: true });
  const cloud = await startLocalCloud({
    stage: values.stage,
    dataDirectory: values.data,
    ports: { aws: wholeNumber('--port', values.port) },
    ...(values.environments === undefined
      ? {}
      : { maxEnvironments: wholeNumber('--environments', values.environments) }),
    onLog: (source, line) => {
      if (!values.quiet) process.stdout.write(`[${source}] ${line}\n`);
    },
  }).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  });
  process.stdout.write(describe(cloud));
  if (!values.once) await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await cloud.stop();
}

function describe(cloud: LocalCloud): string {
  const outputs = Object.entries(cloud.outputs).flatMap(([stack, named]) =>
    Object.entries(named).map(([name, value]) => `  ${stack}.${name} = ${value}`),
  );
  return [
    `AWS endpoint ${cloud.endpoint}`,
    ...section('Outputs', outputs),
    ...section(
      'Functions',
      Object.keys(cloud.statistics()).map((name) => `  ${name}`),
    ),
    ...section(
      'Not imitated',
      cloud.notImitated.map((line) => `  ${line}`),
    ),
    ...section(
      'Without effect here',
      Object.entries(cloud.withoutEffect).map(([type, reason]) => `  ${type}: ${reason}`),
    ),
    ...(cloud.resumedMessages === 0
      ? []
      : [`\n${cloud.resumedMessages} interrupted messages are handled again.`]),
    '\nFor the AWS command line and SDKs:',
    ...Object.entries(cloud.environment).map(([name, value]) => `  export ${name}=${value}`),
    '',
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`\n${title}:`, ...lines];
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  process.stderr.write(`${option} needs a whole number, not ${text}.\n`);
  process.exit(2);
}
