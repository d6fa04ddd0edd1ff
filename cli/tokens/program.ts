import { randomBytes } from 'node:crypto';
import { Command, CommanderError } from 'commander';
import * as z from 'zod';
import { systemClock } from '../../lambdas/adapters/system-clock.ts';
import { issueToken } from '../../lambdas/api/issue-token.ts';
import { TOKEN_ID_PATTERN, tokenSchema } from '../../lambdas/contracts/token.ts';
import { isValid } from '../../lambdas/domain/access/validity.ts';
import type { TokenRecord } from '../../lambdas/ports/token-store.ts';
import { complaintLines, complaintOf, EXIT, UsageError } from '../errors.ts';
import { type Io, outputWidth, printLines } from '../terminal/io.ts';
import { type Paint, painter } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';
import { endOf } from './duration.ts';
import { withTokens } from './table.ts';

const EXAMPLES = `Examples:
  npm run -s tokens -- create --tenant acme --name "CI" --scopes read,write --expires 90d
  npm run -s tokens -- list --tenant acme --stage phase1
  npm run -s tokens -- revoke --tenant acme tok_01K3ZQ…
  npm run -s tokens -- create --tenant demo --scopes read --local http://127.0.0.1:4566

create prints the secret, this once, on stdout and nothing else there.
`;

const { tenant, name, scopes, requestsPerMinute } = tokenSchema.shape;
const deploymentShape = {
  stage: z.string(),
  table: z.string().exactOptional(),
  local: z.url().exactOptional(),
  data: z.string(),
};
const createSchema = z.object({
  ...deploymentShape,
  tenant,
  name,
  scopes: z
    .string()
    .transform((text) => text.split(',').map((scope) => scope.trim()))
    .pipe(scopes),
  expires: z.string(),
  requestsPerMinute: z.coerce.number().pipe(requestsPerMinute.unwrap()).exactOptional(),
});
const tenantSchema = z.object({ ...deploymentShape, tenant, json: z.boolean().default(false) });

/** Runs one command about tokens to its end. @returns the exit code; every failure has been told on stderr */
export async function runTokens(args: readonly string[], io: Io): Promise<number> {
  try {
    await commandsOf(io).parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const told = error instanceof CommanderError ? new UsageError(error.message, '--help') : error;
    const complaint = complaintOf(told);
    await printLines(io.stderr, complaintLines(complaint, painter(io.stderr, true)));
    return complaint.exitCode;
  }
}

function commandsOf(io: Io): Command {
  const program = new Command('tokens')
    .description('Makes, lists and revokes tokens of a deployment, by AWS credentials.')
    .addHelpText('before', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => undefined,
    });
  command(program, 'create', 'make a token; prints its secret')
    .option('--name <name>', 'what it is for', 'made by an operator')
    .requiredOption('--scopes <scopes>', 'read, write, admin, separated by commas; none includes another')
    .option('--expires <duration>', '12h, 90d, 1y or never', '90d')
    .option('--requests-per-minute <number>', 'instead of what the stage gives everybody')
    .action((options: unknown) => create(parse(createSchema, options), io));
  command(program, 'list', 'tokens of a tenant, newest first')
    .option('--json', 'as JSON')
    .action((options: unknown) => list(parse(tenantSchema, options), io));
  command(program, 'revoke', 'end a token, within a minute')
    .argument('<id>', 'tok_…, as list shows it')
    .action((id: string, options: unknown) => revoke(id, parse(tenantSchema, options), io));
  return program;
}

function command(program: Command, name: string, summary: string): Command {
  return program
    .command(name)
    .description(summary)
    .requiredOption('--tenant <tenant>', 'whose')
    .option('--stage <stage>', 'of which deployment', 'dev')
    .option('--table <name>', 'its output AccessTableName, where it cannot be found by the stage')
    .option('--local <url>', 'address of a local cloud, instead of AWS')
    .option('--data <directory>', 'data directory of the local cloud', '.local');
}

async function create(options: z.infer<typeof createSchema>, io: Io): Promise<void> {
  const expiresAt = endOf(options.expires, systemClock.now());
  const { token, secret } = await withTokens(options, (tokens) =>
    issueToken(
      { tokens, clock: systemClock, random: randomBytes },
      {
        tenant: options.tenant,
        name: options.name,
        scopes: options.scopes,
        requestsPerMinute: options.requestsPerMinute ?? null,
        expiresAt,
      },
    ),
  );
  const end = expiresAt === null ? 'It never expires.' : `It expires at ${expiresAt}.`;
  const about = `${token.id} may ${token.scopes.join(', ')} for ${token.tenant}. ${end} Keep it: it is not shown again.`;
  await printLines(io.stderr, [about]);
  await printLines(io.stdout, [secret]);
}

async function list(options: z.infer<typeof tenantSchema>, io: Io): Promise<void> {
  const found = await withTokens(options, (tokens) => tokens.list(options.tenant));
  if (options.json) return printLines(io.stdout, [JSON.stringify(found, null, 2)]);
  if (found.length === 0) return printLines(io.stderr, [`${options.tenant} has no tokens.`]);
  await printLines(io.stdout, rowsOf(found, outputWidth(io), painter(io.stdout, true)));
}

function rowsOf(tokens: readonly TokenRecord[], width: number, paint: Paint): string[] {
  const columns = ['ID', 'TOKEN', 'SCOPES', 'STATE', 'LAST USED', 'NAME'].map((heading) => ({
    heading,
    align: 'left' as const,
  }));
  const rows = tokens.map((token) =>
    [
      token.id,
      token.prefix,
      token.scopes.join(' '),
      stateOf(token),
      token.lastUsedAt?.slice(0, 13) ?? 'never',
      token.name,
    ].map((text) => ({ text })),
  );
  return tableLines(columns, rows, width, (text) => paint('bold', text));
}

function stateOf({ expiresAt, revokedAt }: TokenRecord): string {
  if (revokedAt !== null) return `revoked ${revokedAt.slice(0, 10)}`;
  if (expiresAt === null) return 'never expires';
  const valid = isValid({ expiresAt, revokedAt }, systemClock.now());
  return `${valid ? 'until' : 'expired'} ${expiresAt.slice(0, 10)}`;
}

async function revoke(id: string, options: z.infer<typeof tenantSchema>, io: Io): Promise<void> {
  if (!TOKEN_ID_PATTERN.test(id))
    throw new UsageError(`${JSON.stringify(id)} is no id of a token.`, 'list shows them');
  const at = new Date(systemClock.now()).toISOString();
  const revoked = await withTokens(options, (tokens) => tokens.revoke(options.tenant, id, at));
  if (revoked === null) throw new UsageError(`${options.tenant} has no token ${id}.`, 'list shows them');
  await printLines(io.stderr, [`${id} is revoked; the gateway may remember it for a minute.`]);
}

/** @throws UsageError naming every option that is wrong */
function parse<T extends z.ZodObject>(schema: T, options: unknown): z.output<T> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(
    ({ path, message }) => `--${optionName(String(path[0]))}: ${message}`,
  );
  throw new UsageError(wrong.join('\n'), '--help');
}

function optionName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
