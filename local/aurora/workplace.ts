import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { giveTo, type Identity, isOpenTo } from './identity.ts';
import { findPrograms, type Programs, runnable } from './programs.ts';
import { socketOf } from './server.ts';

/** Longest name of a socket, in bytes, wherever this runs: 103 on macOS, 107 on Linux. */
const MAX_SOCKET_BYTES = 103;
const NAME = 'aurora-';
const LONGEST_SOCKET = socketOf(join(`${NAME}XXXXXX`, 'reader1'), 65_535);

/**
 * What servers have outside their data directories while they run: programs that whoever runs them gets at, and their
 * sockets, whose names have to be short however deep the data lies.
 */
export class Workplace {
  /** Open to those who know a name in it. */
  readonly directory: string;
  readonly programs: Programs;

  private constructor(directory: string, programs: Programs) {
    this.directory = directory;
    this.programs = programs;
  }

  /** @throws Error saying what to do when PostgreSQL cannot run here */
  static async open(): Promise<Workplace> {
    const installed = await findPrograms();
    const directory = mkdtempSync(join(parentFor(installed.identity), NAME));
    try {
      chmodSync(directory, 0o711);
      return new Workplace(directory, runnable(installed, join(directory, 'programs')));
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Makes the directory of a server's socket, which nobody else gets into. */
  makeSocketDirectory(name: string): string {
    const directory = join(this.directory, name);
    mkdirSync(directory, { mode: 0o700 });
    giveTo(this.programs.identity, directory);
    return directory;
  }

  /** Once its server has ended. */
  removeSocketDirectory(name: string): void {
    rmSync(join(this.directory, name), { recursive: true, force: true });
  }

  /** Once its servers have ended. */
  remove(): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

function parentFor(identity: Identity): string {
  const found = [tmpdir(), '/tmp'].find(
    (parent) =>
      Buffer.byteLength(join(parent, LONGEST_SOCKET)) <= MAX_SOCKET_BYTES && isOpenTo(identity, parent),
  );
  if (found !== undefined) return found;
  throw new Error(
    `PostgreSQL's sockets need a directory with a short name that is open to others, which ${tmpdir()} is not: have TMPDIR name one.`,
  );
}
