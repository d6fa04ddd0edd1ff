import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { endWithThisProcess } from '../watchdog.ts';
import type { Programs } from './programs.ts';

export interface ServerOptions {
  readonly programs: Programs;
  readonly dataDirectory: string;
  /** Directory of its socket, the only place where it listens. */
  readonly socketDirectory: string;
  /** Directory of the socket of the server it follows; undefined for the one that is written to. */
  readonly follows?: string;
  readonly log: (line: string) => void;
}

/** The port is only part of the socket's name. */
export const PORT = 5432;
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 25;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  max_connections: '200',
  shared_buffers: '64MB',
  // What the operating system has is safe from our end, if not from its own.
  fsync: 'off',
  full_page_writes: 'off',
  hot_standby_feedback: 'on',
  // A follower that was away for a while still finds what it missed.
  wal_keep_size: '512MB',
  wal_retrieve_retry_interval: '100ms',
  log_min_messages: 'warning',
};

/** A PostgreSQL server that runs as long as this process wants it to. */
export class PostgresServer {
  readonly socket: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess, socketDirectory: string) {
    this.#child = child;
    this.#ended = once(child, 'close');
    if (child.pid !== undefined) void this.#ended.then(endWithThisProcess(child.pid));
    this.socket = socketOf(socketDirectory);
  }

  /** @throws Error when it does not take connections within half a minute, or ends before */
  static async start(options: ServerOptions): Promise<PostgresServer> {
    const { programs, dataDirectory, socketDirectory, follows, log } = options;
    await endLeftover(dataDirectory);
    const settings = {
      ...SETTINGS,
      unix_socket_directories: socketDirectory,
      ...(follows !== undefined && { primary_conninfo: `host=${follows} port=${PORT} user=rdsadmin` }),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(programs.postgres, ['-D', dataDirectory, '-p', String(PORT), ...flags], {
      ...programs.identity,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.once('error', (error) => log(error.message));
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', log);
    const server = new PostgresServer(child, socketDirectory);
    await server.#ready(dataDirectory);
    return server;
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  /** Ends it at once, without waiting for sessions, but in good order. */
  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    await this.#ended;
  }

  async #ready(dataDirectory: string): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (this.#child.exitCode !== null || this.#child.pid === undefined) {
        throw new Error(`PostgreSQL ended while it started; its log says why (${dataDirectory}).`);
      }
      if (isReady(dataDirectory) && (await accepts(this.socket))) return;
      await pause(POLL_MS);
    }
    await this.stop();
    throw new Error(`PostgreSQL did not start within ${START_TIMEOUT_MS / 1000} s (${dataDirectory}).`);
  }
}

export function socketOf(directory: string): string {
  return join(directory, `.s.PGSQL.${PORT}`);
}

/** PostgreSQL's own word, the last line of its lock file. */
function isReady(dataDirectory: string): boolean {
  const file = join(dataDirectory, 'postmaster.pid');
  return existsSync(file) && /^ready *$/m.test(readFileSync(file, 'utf8').split('\n')[7] ?? '');
}

async function accepts(path: string): Promise<boolean> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Ends a server that an earlier start left behind when it was killed; nobody else uses this directory. */
async function endLeftover(dataDirectory: string): Promise<void> {
  const file = join(dataDirectory, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [pid = ''] = readFileSync(file, 'utf8').split('\n');
  if (!(await commandOf(Number(pid))).includes(dataDirectory)) return;
  process.kill(Number(pid), 'SIGINT');
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (existsSync(file) && Date.now() < deadline) await pause(POLL_MS);
}

async function commandOf(pid: number): Promise<string> {
  const child = spawn('ps', ['-o', 'args=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return Buffer.concat(chunks).toString();
}
