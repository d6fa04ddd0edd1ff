import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMISSION, type Admitted, admit, caughtUp, SUPERUSER } from './admission.ts';
import { findPrograms, giveTo, type Programs } from './programs.ts';
import { PostgresServer } from './server.ts';

export interface ClusterOptions extends Admitted {
  /** Where its servers keep what they hold. */
  readonly directory: string;
  readonly readers: number;
  readonly log: (line: string) => void;
}

/** A writer and the readers that follow it, as PostgreSQL's own streaming replication. */
export class PostgresCluster {
  readonly writer: PostgresServer;
  readonly readers: readonly PostgresServer[];
  readonly #sockets: string;

  private constructor(writer: PostgresServer, readers: readonly PostgresServer[], sockets: string) {
    this.writer = writer;
    this.readers = readers;
    this.#sockets = sockets;
  }

  /** Starts what an earlier start left, or makes it. */
  static async open(options: ClusterOptions): Promise<PostgresCluster> {
    const programs = await findPrograms();
    mkdirSync(options.directory, { recursive: true });
    const sockets = mkdtempSync(join(tmpdir(), 'aurora-'));
    giveTo(programs.identity, sockets);
    const writerDirectory = join(options.directory, 'writer');
    if (!existsSync(writerDirectory)) await initialise(programs, writerDirectory, options.log);
    const names = prepareReaders(options, writerDirectory, programs);
    const starting: Promise<PostgresServer>[] = [];
    const start = (name: string, follows?: string): Promise<PostgresServer> => {
      const server = PostgresServer.start({
        programs,
        dataDirectory: join(options.directory, name),
        socketDirectory: socketDirectory(programs, sockets, name),
        ...(follows !== undefined && { follows }),
        log: (line) => options.log(`${name}: ${line}`),
      });
      starting.push(server);
      return server;
    };
    try {
      const writer = await start('writer');
      const written = await admit(join(sockets, 'writer'), options);
      const readers = await Promise.all(names.map((name) => start(name, join(sockets, 'writer'))));
      await Promise.all(names.map((name) => caughtUp(join(sockets, name), written)));
      return new PostgresCluster(writer, readers, sockets);
    } catch (error) {
      const outcomes = await Promise.allSettled(starting);
      const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      await Promise.all(started.map((server) => server.stop()));
      throw error;
    }
  }

  /** Readers first, so that each has all that the writer had. */
  async close(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.stop()));
    await this.writer.stop();
    rmSync(this.#sockets, { recursive: true, force: true });
  }
}

function socketDirectory({ identity }: Programs, sockets: string, name: string): string {
  const directory = join(sockets, name);
  mkdirSync(directory, { mode: 0o700 });
  giveTo(identity, directory);
  return directory;
}

/** Under another name until it is done, so that a start that was cut off leaves nothing half made. */
async function initialise(programs: Programs, directory: string, log: (line: string) => void): Promise<void> {
  const draft = `${directory}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  giveTo(programs.identity, draft);
  const flags = [
    '--auth=trust',
    `--username=${SUPERUSER}`,
    '--encoding=UTF8',
    '--no-sync',
    '--wal-segsize=1',
    '--no-instructions',
  ];
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const child = spawn(programs.initdb, [`--pgdata=${draft}`, ...flags, ...locale], {
    ...programs.identity,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.on('data', (chunk: Buffer) => log(chunk.toString().trimEnd()));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`initdb failed (${code}); its log says why.`);
  writeFileSync(join(draft, 'pg_hba.conf'), ADMISSION);
  renameSync(draft, directory);
}

/**
 * Copies the writer, which does not run, for every reader that is missing. A reader that a smaller stage left out has missed too
 * much to follow, and goes.
 */
function prepareReaders(
  { directory, readers }: ClusterOptions,
  writer: string,
  { identity }: Programs,
): string[] {
  const names = Array.from({ length: readers }, (_, index) => `reader${index + 1}`);
  for (const found of readdirSync(directory)) {
    if (found.startsWith('reader') && !names.includes(found))
      rmSync(join(directory, found), { recursive: true });
  }
  for (const name of names.filter((each) => !existsSync(join(directory, each)))) {
    const draft = join(directory, `${name}.draft`);
    cpSync(writer, draft, { recursive: true, preserveTimestamps: true });
    rmSync(join(draft, 'postmaster.pid'), { force: true });
    writeFileSync(join(draft, 'standby.signal'), '');
    chmodSync(draft, 0o700);
    giveTo(identity, draft);
    renameSync(draft, join(directory, name));
  }
  return names;
}
