import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { TEST_TOKEN } from '../lambdas/domain/access/token.ts';
import type { CacheState } from './bodies.ts';
import { PROFILE_NAMES } from './profiles.ts';

const CACHES = { cold: ['cold'], warm: ['warm'], both: ['cold', 'warm'] } as const satisfies Record<
  string,
  readonly CacheState[]
>;

const optionsSchema = z.object({
  target: z.instanceof(URL),
  profile: z.enum(PROFILE_NAMES),
  cache: z.enum(['cold', 'warm', 'both']).transform((name): readonly CacheState[] => CACHES[name]),
  seconds: z.number().exactOptional(),
  rate: z.number().exactOptional(),
  uploads: z.number().exactOptional(),
  token: z.string().exactOptional(),
  otherToken: z.string().exactOptional(),
});

type Given = z.infer<typeof optionsSchema>;
export type LoadOptions = Given & { readonly token: string };

/** Where tokens are looked for that the line does not have. */
export interface TokenVariables {
  readonly CREATIVE_DYNAMICS_TOKEN?: string | undefined;
  readonly CREATIVE_DYNAMICS_OTHER_TOKEN?: string | undefined;
}

/** Names of this machine, where `test-token` is known. */
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

const EXAMPLES = `Examples:
  npm run load -- --target http://localhost:8080
  npm run load -- --target http://localhost:8080 --profile steady --seconds 60
  npm run load -- --target https://api.example.com/v1 --profile phase2
`;

const NOTES = `
Profiles:
  guide   100 users who ask, think 1 to 3 s, and ask again, 3 min (Artillery)
  steady  10,000 requests a minute whether answered or not, 5 min
  phase1  100 users, phase2 500, phase3 1,000; 5 min each (Artillery)
  storm   200 uploads of one tenant, one of another, who must not wait for them:
          below 30 s. Needs a token of each.

All but storm are run twice: cold, every request with other bytes, and warm,
all of a size with the same. Targets: p95 below 200 ms (health, small, medium)
and 1 s (large), no errors. The tables go to stdout, everything else to stderr.

Exit codes:
  0 targets met          2 wrong use
  1 targets missed, or no measurement
`;

/** @throws CommanderError when the line is wrong, and with exit code 0 when it was help that was asked for */
export function parseLoadOptions(
  args: readonly string[],
  variables: TokenVariables,
  print: (text: string) => void,
): LoadOptions {
  const command = loadCommand(print);
  const given = optionsSchema.parse(command.parse(args, { from: 'user' }).opts());
  const known = LOCAL_HOSTS.includes(given.target.hostname) ? TEST_TOKEN : undefined;
  const token = given.token ?? variables.CREATIVE_DYNAMICS_TOKEN ?? known;
  const otherToken = given.otherToken ?? variables.CREATIVE_DYNAMICS_OTHER_TOKEN;
  if (token === undefined)
    return command.error('a token is required: --token, or the variable CREATIVE_DYNAMICS_TOKEN');
  if (given.profile === 'storm' && otherToken === undefined)
    return command.error(
      'storm wants a token of another tenant too: --other-token, or CREATIVE_DYNAMICS_OTHER_TOKEN',
    );
  return { ...given, token, ...(otherToken !== undefined && { otherToken }) };
}

function loadCommand(print: (text: string) => void): Command {
  return new Command('npm run load --')
    .description('Runs the scaling guide’s load test against a deployment of the API.')
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({ writeOut: print, outputError: () => undefined })
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .requiredOption('--target <url>', 'root of the API, with its stage if it has one', parseTarget)
    .addOption(new Option('--profile <name>', 'what to run').choices(PROFILE_NAMES).default('guide'))
    .addOption(
      new Option('--cache <state>', 'cold, warm, or both').choices(Object.keys(CACHES)).default('both'),
    )
    .addOption(new Option('--seconds <n>', 'instead of the profile’s time').argParser(parseCount))
    .addOption(
      new Option('--rate <n>', 'requests a minute instead of 10,000, of steady').argParser(parseCount),
    )
    .addOption(new Option('--uploads <n>', 'instead of 200, of storm').argParser(parseCount))
    .option('--token <token>', 'or CREATIVE_DYNAMICS_TOKEN; here test-token')
    .option('--other-token <token>', 'of storm, or CREATIVE_DYNAMICS_OTHER_TOKEN');
}

function parseTarget(text: string): URL {
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('It must be an http or https URL.');
  return url;
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 1 to 999999.');
}
