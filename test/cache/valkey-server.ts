import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** The server that is on the PATH, if one is: npm has none. */
export const SERVER = ['valkey-server', 'redis-server'].find(
  (program) => spawnSync(program, ['--version']).status === 0,
);

export interface ValkeyServer {
  readonly port: number;
  /** Stops answering, and goes on later; connections stay. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Starts a real server that keeps nothing on disk. */
export async function startValkey(port?: number, more: readonly string[] = []): Promise<ValkeyServer> {
  if (SERVER === undefined) throw new Error('There is no valkey-server or redis-server on the PATH.');
  const chosen = port ?? (await freePort());
  const options = ['--port', String(chosen), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(SERVER, [...options, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const output of server.stdout) if (String(output).includes('eady to accept')) break;
  server.stdout.resume();
  return {
    port: chosen,
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async stop() {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    },
  };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  probe.close();
  await once(probe, 'close');
  return address.port;
}
