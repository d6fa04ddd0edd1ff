import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ADMISSION, type Admitted, admit, caughtUp, SUPERUSER } from './admission.ts';
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

/** A writer and the readers that follow it, as PostgreSQL's own streaming replication. */
export class PostgresCluster {
  readonly writer: PostgresServer;
  readonly readers: readonly PostgresServer[];
  readonly #workplace: Workplace;

  private constructor(writer: PostgresServer, readers: readonly PostgresServer[], workplace: Workplace) {
    this.writer = writer;
    this.readers = readers;
    this.#workplace = workplace;
  }

  /** Starts what an earlier start left, or makes it. @throws Error with the reason when PostgreSQL cannot run */
  static async open(options: ClusterOptions): Promise<PostgresCluster> {
    const workplace = await Workplace.open();
    const starting: Promise<PostgresServer>[] = [];
    const start = (name: string, follows?: string): Promise<PostgresServer> => {
      const server = PostgresServer.start({
        programs: workplace.programs,
        dataDirectory: join(options.directory, name),
        socketDirectory: workplace.makeSocketDirectory(name),
        ...(follows !== undefined && { follows: connectionTo(follows, SUPERUSER) }),
        log: (line) => options.log(`${name}: ${line}`),
      });
      starting.push(server);
      return server;
    };
    try {
      const names = await prepareData(options, workplace.programs);
      const writer = await start('writer');
      const written = await admit(writer.socketDirectory, options);
      const readers = await Promise.all(names.map((name) => start(name, writer.socketDirectory)));
      await Promise.all(readers.map((reader) => caughtUp(reader.socketDirectory, written)));
      return new PostgresCluster(writer, readers, workplace);
    } catch (error) {
      const outcomes = await Promise.allSettled(starting);
      const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      await Promise.all(started.map((server) => server.stop()));
      workplace.remove();
      throw error;
    }
  }

  /** Readers first, so that each has all that the writer had. */
  async close(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.stop()));
    await this.writer.stop();
    this.#workplace.remove();
  }
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
  const names = Array.from({ length: readers }, (_, index) => `reader${index + 1}`);
  for (const found of readdirSync(directory)) {
    if (found.startsWith('reader') && !names.includes(found))
      rmSync(join(directory, found), { recursive: true });
  }
  for (const name of names.filter((each) => !existsSync(join(directory, each)))) {
    copyForFollower(programs.identity, writer, join(directory, name));
  }
  return names;
}
