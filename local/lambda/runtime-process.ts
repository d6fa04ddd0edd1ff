import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Principal } from '../auth/credentials.ts';
import { environmentVariables, type FunctionConfiguration, nodeArguments } from './configuration.ts';
import type { Outcome } from './outcome.ts';
import { type Invocation, RuntimeApi } from './runtime-api.ts';

export interface RuntimeOptions {
  readonly configuration: FunctionConfiguration;
  readonly endpoint: string;
  readonly principal: Principal;
  readonly log: (line: string) => void;
}

interface RuntimePlace {
  readonly temporaryDirectory: string;
  readonly onOutcome: (requestId: string, outcome: Outcome) => void;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the function's code failed with while it was loaded, as JSON. */
  readonly initError: string | undefined;
}

/** A process that loads a function's bundle and handles what it is handed, with the Runtime API it speaks to. */
export class RuntimeProcess {
  /** Whether it came to wait for an invocation; false when it ended before. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #api: RuntimeApi;

  private constructor(
    child: ChildProcess,
    api: RuntimeApi,
    { ready, ended }: Pick<RuntimeProcess, 'ready' | 'ended'>,
  ) {
    this.#child = child;
    this.#api = api;
    this.ready = ready;
    this.ended = ended;
  }

  static async start(
    { configuration, endpoint, principal, log }: RuntimeOptions,
    { temporaryDirectory, onOutcome }: RuntimePlace,
  ): Promise<RuntimeProcess> {
    const ready = Promise.withResolvers<boolean>();
    let initError: string | undefined;
    const api = await RuntimeApi.listen({
      onReady: () => ready.resolve(true),
      onInitError: (body) => {
        initError = body;
      },
      onResponse: (id, payload) => onOutcome(id, { succeeded: true, payload }),
      onError: (id, payload) => onOutcome(id, { succeeded: false, payload }),
    });
    const child = spawn(process.execPath, nodeArguments(configuration), {
      cwd: configuration.taskRoot,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environmentVariables(configuration, {
        endpoint,
        principal,
        runtimeApi: api.address,
        temporaryDirectory,
      }),
    });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', log);
    child.once('error', (error) => log(`The process could not be started: ${error.message}`));
    const ended = new Promise<ProcessEnd>((resolve) => {
      child.once('close', (code, signal) => {
        api.close();
        ready.resolve(false);
        resolve({ code, signal, initError });
      });
    });
    return new RuntimeProcess(child, api, { ready: ready.promise, ended });
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  hand(invocation: Invocation): void {
    this.#api.hand(invocation);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
