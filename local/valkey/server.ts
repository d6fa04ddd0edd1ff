import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { z } from 'zod';
import type { LoopbackCertificate } from '../tls/certificate.ts';
import { endWithThisProcess } from '../watchdog.ts';

export interface ValkeyOptions {
  readonly program: string;
  readonly port: number;
  readonly maxBytes: number;
  /** Its one user, and what the user may do, in the words of `ACL SETUSER`. */
  readonly user: string;
  readonly access: string;
  readonly certificate: LoopbackCertificate;
  readonly log: (line: string) => void;
}

export const HOST = '127.0.0.1';
/** User of the local cloud itself, who may see how the server is and nothing else. */
export const MONITOR = 'monitor';
const START_TIMEOUT_MS = 10_000;
const POLL_MS = 25;
const addressSchema = z.object({ port: z.number() });

/** The first program on the path that is a Valkey or Redis server. */
export function findServer(): string | undefined {
  return ['valkey-server', 'redis-server'].find((program) => spawnSync(program, ['--version']).status === 0);
}

/** A port of the loopback interface that nobody has, which holds until somebody takes it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = addressSchema.parse(server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** A server that keeps nothing, drops what was used least recently when it is full, and speaks TLS only. */
export class ValkeyServer {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'close');
    if (child.pid !== undefined) void this.#ended.then(endWithThisProcess(child.pid));
  }

  /** @throws Error when it does not take connections within ten seconds, or ends before */
  static async start(options: ValkeyOptions): Promise<ValkeyServer> {
    const child = spawn(options.program, ['-'], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.once('error', (error) => options.log(error.message));
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', options.log);
    child.stdin.end(configuration(options));
    const server = new ValkeyServer(child);
    await server.#ready(options);
    return server;
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }

  async #ready({ port, program }: ValkeyOptions): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (this.#child.exitCode !== null || this.#child.pid === undefined)
        throw new Error(`${program} ended while it started; its log says why.`);
      if (await accepts(port)) return;
      await pause(POLL_MS);
    }
    await this.stop();
    throw new Error(`${program} did not start within ${START_TIMEOUT_MS / 1000} s.`);
  }
}

/** The token of IAM is not checked: the user needs no password, so that any is right. Nobody else may do more than look. */
function configuration({ port, maxBytes, user, access, certificate }: ValkeyOptions): string {
  return [
    `bind ${HOST}`,
    'port 0',
    `tls-port ${port}`,
    `tls-cert-file "${certificate.certificateFile}"`,
    `tls-key-file "${certificate.keyFile}"`,
    'tls-auth-clients no',
    'save ""',
    'appendonly no',
    `maxmemory ${maxBytes}`,
    'maxmemory-policy allkeys-lru',
    'user default off',
    `user ${user} ${access.replace(/^on /, 'on nopass ')}`,
    `user ${MONITOR} on nopass -@all +info +quit`,
    '',
  ].join('\n');
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: HOST, port, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
