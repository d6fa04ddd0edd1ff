import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Principal } from '../auth/credentials.ts';
import { environmentVariables, type FunctionConfiguration, nodeArguments } from './configuration.ts';
import { peakResidentBytes } from './memory.ts';
import { type Outcome, platformError } from './outcome.ts';
import { RuntimeApi } from './runtime-api.ts';

export interface EnvironmentOptions {
  readonly configuration: FunctionConfiguration;
  readonly endpoint: string;
  readonly principal: Principal;
  readonly log: (line: string) => void;
}

/** Lambda's limit on loading a function's code. */
const INIT_TIMEOUT_MS = 10_000;
const MEMORY_CHECK_MS = 50;

interface EnvironmentInvocation {
  readonly requestId: string;
  readonly payload: string;
  /** What the function was called by. */
  readonly arn: string;
}

interface Running {
  readonly requestId: string;
  readonly settle: (outcome: Outcome) => void;
}

/**
 * One execution environment: a process that runs the function's bundle and handles one invocation at a time. It ends
 * at a time-out, above its memory, when it exits by itself, or when told to; it never comes back after that.
 */
export class ExecutionEnvironment {
  readonly #options: EnvironmentOptions;
  readonly #temporaryDirectory = mkdtempSync(join(tmpdir(), 'function-'));
  readonly #ready = Promise.withResolvers<boolean>();
  readonly #ended = Promise.withResolvers<void>();
  #starting: Promise<void> | undefined;
  #api: RuntimeApi | undefined;
  #child: ChildProcess | undefined;
  #running: Running | undefined;
  #initError: string | undefined;
  /** Why this ended it, if it was not by itself. */
  #verdict: { readonly type: string; readonly message: string } | undefined;
  #peakBytes = 0;
  alive = true;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  get processId(): number | undefined {
    return this.#child?.pid;
  }

  /** Handles one invocation; never throws, as a function's failure is an outcome. */
  async invoke({ requestId, payload, arn }: EnvironmentInvocation): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#running = { requestId, settle: resolve };
    const watch = setInterval(() => this.#checkMemory(), MEMORY_CHECK_MS);
    let deadline: NodeJS.Timeout | undefined;
    this.#starting ??= this.#start();
    await this.#starting;
    // When it ends before it is ready, the end settles the outcome.
    const ready = await this.#ready.promise;
    if (ready) {
      const { timeoutSeconds } = this.#options.configuration;
      deadline = setTimeout(() => this.#timeOut(), timeoutSeconds * 1000);
      this.#api?.hand({ requestId, functionArn: arn, payload, deadline: Date.now() + timeoutSeconds * 1000 });
    }
    const outcome = await promise;
    clearInterval(watch);
    clearTimeout(deadline);
    this.#checkMemory();
    this.#running = undefined;
    return outcome;
  }

  /** Ends the process; an invocation it was handling fails. */
  async end(): Promise<void> {
    await this.#starting;
    if (this.#child === undefined) {
      this.#cleanUp();
      return;
    }
    this.#child.kill('SIGKILL');
    await this.#ended.promise;
  }

  async #start(): Promise<void> {
    const { configuration, endpoint, principal, log } = this.#options;
    const api = await RuntimeApi.listen({
      onReady: () => this.#ready.resolve(true),
      onInitError: (body) => {
        this.#initError = body;
      },
      onResponse: (id, payload) => this.#settle(id, { succeeded: true, payload }),
      onError: (id, payload) => this.#settle(id, { succeeded: false, payload }),
    });
    this.#api = api;
    const child = spawn(process.execPath, nodeArguments(configuration), {
      cwd: configuration.taskRoot,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environmentVariables(configuration, {
        endpoint,
        principal,
        runtimeApi: api.address,
        temporaryDirectory: this.#temporaryDirectory,
      }),
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', log);
    const initTimeout = setTimeout(
      () => this.#kill('Sandbox.Timedout', 'Init timed out after 10 seconds'),
      INIT_TIMEOUT_MS,
    );
    void this.#ready.promise.then(() => clearTimeout(initTimeout));
    child.once('error', (error) => log(`The process could not be started: ${error.message}`));
    child.once('close', (code, signal) => this.#onEnd(code, signal));
  }

  #settle(requestId: string, outcome: Outcome): void {
    if (this.#running?.requestId === requestId) this.#running.settle(outcome);
  }

  #timeOut(): void {
    const { timeoutSeconds } = this.#options.configuration;
    this.#kill('Sandbox.Timedout', `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
  }

  #checkMemory(): void {
    if (this.#child?.pid === undefined || !this.alive) return;
    this.#peakBytes = Math.max(this.#peakBytes, peakResidentBytes(this.#child.pid) ?? 0);
    const { memoryMegabytes } = this.#options.configuration;
    if (this.#peakBytes <= memoryMegabytes * 1024 ** 2) return;
    const used = Math.ceil(this.#peakBytes / 1024 ** 2);
    this.#kill(
      'Runtime.OutOfMemory',
      `Runtime exited with error: signal: killed (${used} of ${memoryMegabytes} MB)`,
    );
  }

  #kill(type: string, message: string): void {
    this.#verdict ??= { type, message };
    this.alive = false;
    this.#child?.kill('SIGKILL');
  }

  #onEnd(code: number | null, signal: NodeJS.Signals | null): void {
    this.#cleanUp();
    const reason =
      signal === null ? `exit status ${code}` : `signal: ${signal === 'SIGKILL' ? 'killed' : signal}`;
    const { type, message } = this.#verdict ?? {
      type: 'Runtime.ExitError',
      message: `Runtime exited with error: ${reason}`,
    };
    if (this.#running !== undefined) {
      const { requestId, settle } = this.#running;
      const failure = platformError(type, requestId, message);
      if (this.#initError === undefined) this.#options.log(JSON.parse(failure.payload).errorMessage);
      settle(this.#initError === undefined ? failure : { succeeded: false, payload: this.#initError });
    }
    this.#ready.resolve(false);
    this.#ended.resolve();
  }

  #cleanUp(): void {
    this.alive = false;
    this.#api?.close();
    rmSync(this.#temporaryDirectory, { recursive: true, force: true });
  }
}
