import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ADMISSION, type Admitted, admit, caughtUp, SUPERUSER } from './admission.ts';
import { backUp } from './backup.ts';
import { copyForFollower, initialise } from './data.ts';
import type { Programs } from './programs.ts';
import { connectionTo, PostgresServer } from './server.ts';
import { Workplace } from './workplace.ts';

export interface ClusterOptions extends Admitted {
  /** Where its servers keep what they hold. */
  readonly directory: string;
  readonly readers: number;
  readonly log: (line: string) => void;
}

interface Reader {
  readonly name: string;
  readonly server: PostgresServer;
}

/** A writer and the readers that follow it, as PostgreSQL's own streaming replication. */
export class PostgresCluster {
  readonly writer: PostgresServer;
  readonly #readers: Reader[];
  readonly #workplace: Workplace;
  readonly #options: ClusterOptions;

  private constructor(
    writer: PostgresServer,
    readers: readonly Reader[],
    workplace: Workplace,
    options: ClusterOptions,
  ) {
    this.writer = writer;
    this.#readers = [...readers];
    this.#workplace = workplace;
    this.#options = options;
  }

  /** Starts what an earlier start left, or makes it. @throws Error with the reason when PostgreSQL cannot run */
  static async open(options: ClusterOptions): Promise<PostgresCluster> {
    const workplace = await Workplace.open();
    const starting: Promise<PostgresServer>[] = [];
    const start = (name: string, follows?: string): Promise<PostgresServer> => {
      const server = startServer(name, options, workplace, follows);
      starting.push(server);
      return server;
    };
    try {
      const names = await prepareData(options, workplace.programs);
      const writer = await start('writer');
      const written = await admit(writer.socketDirectory, options);
      const readers = await Promise.all(
        names.map(async (name) => ({ name, server: await start(name, writer.socketDirectory) })),
      );
      await Promise.all(readers.map(({ server }) => caughtUp(server.socketDirectory, written)));
      return new PostgresCluster(writer, readers, workplace, options);
    } catch (error) {
      const outcomes = await Promise.allSettled(starting);
      const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      await Promise.all(started.map((server) => server.stop()));
      workplace.remove();
      throw error;
    }
  }

  get readers(): readonly PostgresServer[] {
    return this.#readers.map(({ server }) => server);
  }

  /** Starts one reader more, while the writer is written to; it is read from once it has all that was written before. */
  async addReader(): Promise<void> {
    const { directory } = this.#options;
    const name = nameOf(this.#readers.length);
    const { programs } = this.#workplace;
    this.#forget(name);
    const { socketDirectory } = this.writer;
    const written = await backUp(socketDirectory, {
      identity: programs.identity,
      from: join(directory, 'writer'),
      directory: join(directory, name),
    });
    const server = await startServer(name, this.#options, this.#workplace, socketDirectory);
    await caughtUp(server.socketDirectory, written).catch(async (error: unknown) => {
      await server.stop();
      throw error;
    });
    this.#readers.push({ name, server });
  }

  /** Ends the reader that came last, and the sessions that it has. */
  async removeReader(): Promise<void> {
    const reader = this.#readers.pop();
    if (reader === undefined) return;
    await reader.server.stop();
    this.#forget(reader.name);
  }

  /** Readers first, so that each has all that the writer had. */
  async close(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.stop()));
    await this.writer.stop();
    this.#workplace.remove();
  }

  #forget(name: string): void {
    rmSync(join(this.#options.directory, name), { recursive: true, force: true });
    this.#workplace.removeSocketDirectory(name);
  }
}

function nameOf(index: number): string {
  return `reader${index + 1}`;
}

function startServer(
  name: string,
  { directory, log }: ClusterOptions,
  workplace: Workplace,
  follows?: string,
): Promise<PostgresServer> {
  return PostgresServer.start({
    programs: workplace.programs,
    dataDirectory: join(directory, name),
    socketDirectory: workplace.makeSocketDirectory(name),
    ...(follows !== undefined && { follows: connectionTo(follows, SUPERUSER) }),
    log: (line) => log(`${name}: ${line}`),
  });
}

/**
 * Makes the writer, and copies it, while it does not run, for every reader that is missing. A reader that a smaller stage left
 * out has missed too much to follow, and goes.
 *
 * @returns the names of the readers
 */
async function prepareData(
  { directory, readers, log }: ClusterOptions,
  programs: Programs,
): Promise<readonly string[]> {
  mkdirSync(directory, { recursive: true });
  const writer = join(directory, 'writer');
  if (!existsSync(writer)) {
    await initialise({ programs, directory: writer, superuser: SUPERUSER, admission: ADMISSION, log });
  }
  const names = Array.from({ length: readers }, (_, index) => nameOf(index));
  for (const found of readdirSync(directory)) {
    if (found.startsWith('reader') && !names.includes(found))
      rmSync(join(directory, found), { recursive: true });
  }
  for (const name of names.filter((each) => !existsSync(join(directory, each)))) {
    copyForFollower(programs.identity, writer, join(directory, name));
  }
  return names;
}
