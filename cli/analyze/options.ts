import { type Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { FIELDS } from '../../lambdas/domain/observation/columns.ts';
import { parameterOptions } from './parameter-flags.ts';
import { FAIL_ON_CHOICES } from './status.ts';

const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;
const DAY_FORMATS = ['YYYY-MM-DD', 'DD/MM/YYYY', 'MM/DD/YYYY'] as const;
const DEFAULT_TOP = 20;

/** The options of `analyze` beside the parameters of the analysis, as they come out of the command line. */
const optionsSchema = z.object({
  map: z.partialRecord(z.enum(FIELDS), z.string()).default({}),
  delimiter: z.enum(Object.values(DELIMITERS)).exactOptional(),
  dayFormat: z.enum(DAY_FORMATS).exactOptional(),
  currency: z.string().exactOptional(),
  maxBytes: z.number().exactOptional(),
  json: z.string().exactOptional(),
  csv: z.string().exactOptional(),
  top: z.number().default(DEFAULT_TOP),
  plain: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  failOn: z.enum(FAIL_ON_CHOICES).exactOptional(),
  color: z.boolean().default(true),
  quiet: z.boolean().default(false),
  verbose: z.boolean().default(false),
});

export type AnalyzeOptions = z.infer<typeof optionsSchema>;

export function analyzeOptionsFrom(options: Readonly<Record<string, unknown>>): AnalyzeOptions {
  return optionsSchema.parse(options);
}

/** Declares every option of `analyze`, in the groups its help shows. */
export function addAnalyzeOptions(command: Command): Command {
  const groups: readonly (readonly [string, readonly Option[]])[] = [
    ['Output:', outputOptions()],
    ['Input:', inputOptions()],
    ['Analysis:', parameterOptions()],
    ['Messages:', messageOptions()],
  ];
  for (const [heading, options] of groups) {
    for (const option of options) command.addOption(option.helpGroup(heading));
  }
  return command.addHelpOption(new Option('-h, --help', 'show this help').helpGroup('Messages:'));
}

function outputOptions(): Option[] {
  return [
    new Option('--json <out>', 'write the report as JSON; - prints it instead of the table').conflicts(
      'dryRun',
    ),
    new Option('--csv <out>', 'write the report as CSV; - prints it instead of the table').conflicts(
      'dryRun',
    ),
    new Option('--top <n>', `creatives in the table (default: ${DEFAULT_TOP})`).argParser(parseTop),
    new Option('--plain', 'tab-separated ranking with full figures, for programs'),
    new Option('--fail-on <status>', 'exit 8 when any creative has this status or a worse one').choices(
      FAIL_ON_CHOICES,
    ),
  ];
}

function inputOptions(): Option[] {
  return [
    new Option(
      '--map <field=column>',
      `which column holds a field (${FIELDS.join(', ')}); repeatable`,
    ).argParser(parseMap),
    new Option(
      '--delimiter <name>',
      `${Object.keys(DELIMITERS).join(', ')} (default: found in the header)`,
    ).argParser(parseDelimiter),
    new Option('--day-format <format>', 'order of the day where it is not year first').choices(DAY_FORMATS),
    new Option(
      '--currency <code>',
      'ISO 4217 code, where the spend column does not end in one (default: GBP)',
    ),
    new Option('--max-bytes <size>', 'refuse more than this once decompressed, such as 20GB').argParser(
      parseSize,
    ),
    new Option('--dry-run', 'check columns and rows only, analyse nothing'),
  ];
}

function messageOptions(): Option[] {
  return [
    new Option('--quiet', 'no progress and no messages, only errors').conflicts('verbose'),
    new Option('--verbose', 'columns, parameters and stack traces on stderr'),
    new Option('--no-color', 'no colour; NO_COLOR, FORCE_COLOR and TERM=dumb are honoured too'),
  ];
}

function parseTop(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return Number(text);
}

function parseMap(text: string, previous: Record<string, string> | undefined): Record<string, string> {
  const cut = text.indexOf('=');
  const field = FIELDS.find((known) => known === text.slice(0, cut).trim());
  if (cut < 0 || field === undefined) {
    throw new InvalidArgumentError(`It must be FIELD=COLUMN with a field of ${FIELDS.join(', ')}.`);
  }
  if (text.slice(cut + 1).trim() === '') throw new InvalidArgumentError('The column has no name.');
  if (previous?.[field] !== undefined) throw new InvalidArgumentError(`${field} is mapped twice.`);
  return { ...previous, [field]: text.slice(cut + 1) };
}

function parseDelimiter(text: string): string {
  const named = Object.entries(DELIMITERS).find(([name, sign]) => text === name || text === sign);
  if (named === undefined)
    throw new InvalidArgumentError(`It must be ${Object.keys(DELIMITERS).join(', ')}.`);
  return named[1];
}

function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(text);
  const power = ['', 'k', 'm', 'g', 't'].indexOf((match?.[2] ?? '').toLowerCase());
  const size = Math.floor(Number(match?.[1]) * 1000 ** power);
  if (!Number.isSafeInteger(size) || size < 1)
    throw new InvalidArgumentError('It must be a size such as 500MB or 20GB.');
  return size;
}
