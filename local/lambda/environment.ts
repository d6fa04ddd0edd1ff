import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peakResidentBytes } from './memory.ts';
import { type Outcome, platformError } from './outcome.ts';
import { type ProcessEnd, type RuntimeOptions, RuntimeProcess } from './runtime-process.ts';
import { traceHeader } from './trace.ts';

/** Lambda's limit on loading a function's code, unless that is part of an invocation. */
const INIT_TIMEOUT_MS = 10_000;
const MEMORY_CHECK_MS = 50;

interface EnvironmentInvocation {
  readonly requestId: string;
  readonly payload: string;
  /** What the function was called by. */
  readonly arn: string;
  /** Header of the caller's trace; undefined when there is none. */
  readonly trace?: string | undefined;
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
  readonly #options: RuntimeOptions;
  readonly #temporaryDirectory = mkdtempSync(join(tmpdir(), 'function-'));
  #starting: Promise<RuntimeProcess> | undefined;
  #process: RuntimeProcess | undefined;
  #running: Running | undefined;
  /** Why this ended it, if it was not by itself. */
  #verdict: { readonly type: string; readonly message: string } | undefined;
  #peakBytes = 0;
  alive = true;

  constructor(options: RuntimeOptions) {
    this.#options = options;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  get processId(): number | undefined {
    return this.#process?.processId;
  }

  /** Handles one invocation; never throws, as a function's failure is an outcome. */
  async invoke({ requestId, payload, arn, trace }: EnvironmentInvocation): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#running = { requestId, settle: resolve };
    const watch = setInterval(() => this.#checkMemory(), MEMORY_CHECK_MS);
    this.#starting ??= this.#start();
    const first = await this.#starting;
    const isSlow = !(await settlesWithin(INIT_TIMEOUT_MS, first.ready));
    if (isSlow) await this.#discard(first);
    const timeoutMs = this.#options.configuration.timeoutSeconds * 1000;
    const deadline = Date.now() + timeoutMs;
    const timer = setTimeout(() => this.#timeOut(), timeoutMs);
    // As on AWS: loading is repeated, and the time it takes is the invocation's.
    if (isSlow && this.alive) this.#starting = this.#start();
    const process = await this.#starting;
    // When it ends before it is ready, the end settles the outcome.
    if (await process.ready)
      process.hand({ requestId, functionArn: arn, payload, deadline, trace: traceHeader(trace) });
    const outcome = await promise;
    clearInterval(watch);
    clearTimeout(timer);
    this.#checkMemory();
    this.#running = undefined;
    return outcome;
  }

  /** Loads the function's code before anything is invoked; one that fails is no environment any more. */
  async prepare(): Promise<void> {
    this.#starting ??= this.#start();
    await this.#starting;
  }

  /** Ends the process; an invocation it was handling fails. */
  async end(): Promise<void> {
    this.alive = false;
    const process = await this.#starting;
    process?.kill();
    await process?.ended;
    this.#cleanUp();
  }

  async #start(): Promise<RuntimeProcess> {
    const process = await RuntimeProcess.start(this.#options, {
      temporaryDirectory: this.#temporaryDirectory,
      onOutcome: (id, outcome) => {
        if (this.#running?.requestId === id) this.#running.settle(outcome);
      },
    });
    this.#process = process;
    void process.ended.then((end) => {
      if (this.#process === process) this.#onEnd(end);
    });
    // Its time was over before it was there.
    if (!this.alive) process.kill();
    return process;
  }

  /** Ends a process that loads for too long, for another to take its place unless the environment ends meanwhile. */
  async #discard(process: RuntimeProcess): Promise<void> {
    this.#options.log(
      `INIT_REPORT Init Duration: ${INIT_TIMEOUT_MS.toFixed(2)} ms Phase: init Status: timeout`,
    );
    this.#process = undefined;
    process.kill();
    const end = await process.ended;
    if (!this.alive) this.#onEnd(end);
  }

  #timeOut(): void {
    const { timeoutSeconds } = this.#options.configuration;
    this.#kill('Sandbox.Timedout', `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
  }

  #checkMemory(): void {
    if (this.processId === undefined || !this.alive) return;
    this.#peakBytes = Math.max(this.#peakBytes, peakResidentBytes(this.processId) ?? 0);
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
    this.#process?.kill();
  }

  #onEnd({ code, signal, initError }: ProcessEnd): void {
    this.#cleanUp();
    const reason =
      signal === null ? `exit status ${code}` : `signal: ${signal === 'SIGKILL' ? 'killed' : signal}`;
    const { type, message } = this.#verdict ?? {
      type: 'Runtime.ExitError',
      message: `Runtime exited with error: ${reason}`,
    };
    if (this.#running === undefined) {
      if (initError !== undefined) this.#options.log(`INIT_REPORT Phase: init Status: error ${initError}`);
      return;
    }
    const { requestId, settle } = this.#running;
    const failure = platformError(type, requestId, message);
    if (initError === undefined) this.#options.log(JSON.parse(failure.payload).errorMessage);
    settle(initError === undefined ? failure : { succeeded: false, payload: initError });
  }

  #cleanUp(): void {
    this.alive = false;
    rmSync(this.#temporaryDirectory, { recursive: true, force: true });
  }
}

async function settlesWithin(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), milliseconds);
  const isInTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
}
