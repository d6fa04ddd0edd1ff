import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endWithThisProcess } from '../watchdog.ts';
import { type ProgramRun, type Programs, startProgram } from './programs.ts';

export interface ServerOptions {
  readonly programs: Programs;
  readonly dataDirectory: string;
  /** Directory of its socket, the only place where it listens unless it has a port. */
  readonly socketDirectory: string;
  /** A port of the loopback interface. */
  readonly port?: number;
  /** How it reaches the server it follows; undefined for the one that is written to. */
  readonly follows?: string;
  readonly log: (line: string) => void;
}

/** Without a port it is only part of the socket's name. */
export const PORT = 5432;
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 25;

const SETTINGS: Readonly<Record<string, string>> = {
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
  readonly socketDirectory: string;
  readonly socket: string;
  readonly #run: ProgramRun;

  private constructor(run: ProgramRun, { socketDirectory, port = PORT }: ServerOptions) {
    this.#run = run;
    const { child, ended } = run;
    if (child.pid !== undefined) void ended.then(endWithThisProcess(child.pid));
    this.socketDirectory = socketDirectory;
    this.socket = socketOf(socketDirectory, port);
  }

  /** @throws Error with what it said when it does not take connections within half a minute, or ends before */
  static async start(options: ServerOptions): Promise<PostgresServer> {
    const { programs, dataDirectory, socketDirectory, port, follows, log } = options;
    await endLeftover(dataDirectory);
    const settings = {
      ...SETTINGS,
      listen_addresses: port === undefined ? '' : '127.0.0.1',
      unix_socket_directories: socketDirectory,
      // It may know the directory by another name; a later start knows the server by this one.
      'local_cloud.directory': dataDirectory,
      ...(follows !== undefined && { primary_conninfo: follows }),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const run = startProgram(programs.postgres, programs.identity, {
      directory: dataDirectory,
      flags: ['-p', String(port ?? PORT), ...flags],
      log,
    });
    const server = new PostgresServer(run, options);
    await server.#ready(dataDirectory);
    return server;
  }

  get processId(): number | undefined {
    return this.#run.child.pid;
  }

  /** Ends it without waiting for sessions: in good order, or as a crash would (`SIGQUIT`). */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    this.#run.child.kill(signal);
    await this.#run.ended;
  }

  async #ready(dataDirectory: string): Promise<void> {
    const { child, ended, lastWords } = this.#run;
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
        await ended;
        throw new Error(`PostgreSQL ended while it started in ${dataDirectory}: ${lastWords()}`);
      }
      if (isReady(dataDirectory) && (await accepts(this.socket))) return;
      await pause(POLL_MS);
    }
    await this.stop();
    const within = `within ${START_TIMEOUT_MS / 1000} s`;
    throw new Error(`PostgreSQL did not start ${within} in ${dataDirectory}: ${lastWords()}`);
  }
}

/** How a follower reaches a server by its socket. */
export function connectionTo(socketDirectory: string, user: string, port = PORT): string {
  return `host='${socketDirectory}' port=${port} user=${user}`;
}

export function socketOf(directory: string, port: number): string {
  return join(directory, `.s.PGSQL.${port}`);
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
  // Linux without `ps`, which small containers lack.
  if (existsSync('/proc/self/cmdline')) return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const child = spawn('ps', ['-o', 'args=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return Buffer.concat(chunks).toString();
}
