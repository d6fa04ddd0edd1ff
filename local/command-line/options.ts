import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { STAGE_NAMES } from '../../lib/config/stage.ts';
import { DEFAULT_API_PORT, DEFAULT_AWS_PORT } from '../local-cloud.ts';

/** In the checkout, seen from the working directory. */
export const DEFAULT_DATA = relative('', fileURLToPath(new URL('../../.local', import.meta.url)));

const startOptionsSchema = z.object({
  stage: z.enum(STAGE_NAMES),
  port: z.number(),
  apiPort: z.number(),
  data: z.string(),
  environments: z.number().exactOptional(),
  speed: z.number(),
  reset: z.boolean().default(false),
  sample: z.boolean(),
  once: z.boolean().default(false),
  quiet: z.boolean().default(false),
});

export type StartOptions = z.infer<typeof startOptionsSchema>;

const EXAMPLES = `Examples:
  npm start                               analyse the sample, then stay up
  npm start -- --once                     the same, and stop
  npm start -- --no-sample --port 4600    only start, on another port
  npm start -- --stage phase1 --data .local/phase1
  npm run local:reset                     remove what it kept
`;

const NOTES = `
The result goes to stdout, everything else to stderr. Ctrl-C stops it in good
order, a second one at once. What it holds stays in the data directory for the
next start; the functions' logs are in its logs/.

Exit codes:
  0 done                 2 wrong use
  1 failed             130 interrupted before it was done
`;

/** @throws CommanderError when the line is wrong, and with exit code 0 when it was help that was asked for */
export function parseStartOptions(args: readonly string[], print: (text: string) => void): StartOptions {
  const command = quietCommand('npm start --', print)
    .description(
      'Synthesises the CDK app, runs it on this machine without AWS, and analyses the sample through it.',
    )
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .addOption(new Option('--once', 'stop when the sample is analysed, or at once without it'))
    .addOption(new Option('--no-sample', 'only start; analyse nothing'))
    .addOption(new Option('--stage <name>', 'stage of the app').choices(STAGE_NAMES).default('dev'))
    .addOption(portOption('--port <number>', 'port of the AWS endpoint; 0 is any free one', DEFAULT_AWS_PORT))
    .addOption(portOption('--api-port <number>', 'port of the API; 0 is any free one', DEFAULT_API_PORT))
    .addOption(dataOption())
    .addOption(new Option('--reset', 'first remove what earlier starts kept in the data directory'))
    .addOption(
      new Option(
        '--environments <n>',
        'execution environments at a time (default: 4, or two a processor)',
      ).argParser(parseEnvironments),
    )
    .addOption(
      new Option('--speed <n>', 'times as fast pass metrics, alarms, schedules and scaling')
        .default(1)
        .argParser(parseSpeed),
    )
    .addOption(new Option('--quiet', 'print the result and errors only'));
  return startOptionsSchema.parse(command.parse(args, { from: 'user' }).opts());
}

/** @returns the data directory. @throws like `parseStartOptions` */
export function parseResetOptions(args: readonly string[], print: (text: string) => void): string {
  const command = quietCommand('npm run local:reset --', print)
    .description('Removes what the local cloud kept, and nothing else.')
    .addOption(dataOption());
  return z.object({ data: z.string() }).parse(command.parse(args, { from: 'user' }).opts()).data;
}

/** A command that throws instead of ending the process, and whose errors are told by whoever catches them. */
function quietCommand(name: string, print: (text: string) => void): Command {
  return new Command(name)
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({ writeOut: print, outputError: () => undefined });
}

function dataOption(): Option {
  return new Option('--data <directory>', 'where everything is kept').default(DEFAULT_DATA);
}

function portOption(flags: string, description: string, standard: number): Option {
  return new Option(flags, description).default(standard).argParser(parsePort);
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError('It must be a port, 0 to 65535.');
}

function parseEnvironments(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 1 to 9999.');
}

function parseSpeed(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 1 to 999.');
}
