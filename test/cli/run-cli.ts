import { spawn } from 'node:child_process';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../cli/program.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface CliGiven {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly script?: string;
  /** Called once, when the process has written to stderr for the first time; standard input stays open until then. */
  readonly onFirstMessage?: (kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the command line in a process of its own, without the colour settings of the surroundings. */
export function runCli(args: readonly string[], given: CliGiven = {}): Promise<CliResult> {
  const { NO_COLOR: _, FORCE_COLOR: __, COLUMNS: ___, ...surroundings } = process.env;
  const child = spawn(process.execPath, [given.script ?? MAIN, ...args], {
    env: { ...surroundings, ...given.env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr === '') given.onFirstMessage?.((signal) => child.kill(signal));
    stderr += text;
  });
  child.stdin.on('error', () => undefined);
  if (given.onFirstMessage === undefined) child.stdin.end(given.stdin ?? '');
  else child.stdin.write(given.stdin ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ stdout, stderr, code, signal }));
  });
}

/** The same without a process of its own: faster, for all that does not depend on one. */
export async function runHere(
  args: readonly string[],
  given: Pick<CliGiven, 'stdin' | 'env'> = {},
): Promise<CliResult> {
  const stdin = Readable.from([Buffer.from(given.stdin ?? '')]);
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const collected = Promise.all([text(stdout), text(stderr)]);
  const code = await runCommandLine(args, { stdin, stdout, stderr, env: given.env ?? {} });
  stdout.end();
  stderr.end();
  const [out, err] = await collected;
  return { stdout: out, stderr: err, code, signal: null };
}
