import { chmodSync, cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { giveTo, type Identity } from './identity.ts';
import { type Programs, startProgram } from './programs.ts';

export interface InitialOptions {
  readonly programs: Programs;
  readonly directory: string;
  readonly superuser: string;
  /** Who may come: `pg_hba.conf`. */
  readonly admission: string;
  readonly log: (line: string) => void;
}

/**
 * Makes a data directory, under another name until it is done, so that a start that was cut off leaves nothing half made.
 *
 * @throws Error with the reason that PostgreSQL gives
 */
export async function initialise(options: InitialOptions): Promise<void> {
  const { programs, directory, superuser, admission, log } = options;
  const draft = `${directory}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  giveTo(programs.identity, draft);
  const flags = [
    '--auth=trust',
    `--username=${superuser}`,
    '--encoding=UTF8',
    '--no-sync',
    '--wal-segsize=1',
    '--no-instructions',
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ];
  const { ended, lastWords } = startProgram(programs.initdb, programs.identity, {
    directory: draft,
    flags,
    log,
  });
  if ((await ended) !== 0) throw new Error(`PostgreSQL cannot make ${directory}: ${lastWords()}`);
  writeFileSync(join(draft, 'pg_hba.conf'), admission);
  renameSync(draft, directory);
}

/** Copies the data of a server that does not run for one that will follow it. */
export function copyForFollower(identity: Identity, from: string, directory: string): void {
  const draft = `${directory}.draft`;
  rmSync(draft, { recursive: true, force: true });
  cpSync(from, draft, { recursive: true, preserveTimestamps: true });
  rmSync(join(draft, 'postmaster.pid'), { force: true });
  writeFileSync(join(draft, 'standby.signal'), '');
  chmodSync(draft, 0o700);
  giveTo(identity, draft);
  renameSync(draft, directory);
}
