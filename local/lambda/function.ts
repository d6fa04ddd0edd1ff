import { randomUUID } from 'node:crypto';
import type { Principal } from '../auth/credentials.ts';
import { AwsError } from '../auth/errors.ts';
import type { FunctionConfiguration } from './configuration.ts';
import { EnvironmentPool } from './environment-pool.ts';
import type { InvocationMeter } from './invocation-meter.ts';
import { type Outcome, platformError } from './outcome.ts';
import type { ProvisionedConcurrency } from './provisioned-concurrency.ts';
import { reportLines } from './report.ts';
import { Slots } from './slots.ts';

/**
 * Environments the whole local cloud may run at a time. Callers who wait have their own, so that they neither stand
 * behind long work from queues nor, when such work calls another function, wait for the very slot it holds. So have
 * events: what a schedule or an alarm runs is not to stand behind the flood that it is there for.
 */
export interface AccountConcurrency {
  readonly forQueues: Slots;
  readonly forEvents: Slots;
  readonly forCallers: Slots;
}

export interface LambdaFunctionOptions {
  readonly configuration: FunctionConfiguration;
  readonly endpoint: string;
  readonly principal: Principal;
  readonly account: AccountConcurrency;
  /** Told of every invocation. */
  readonly meter: InvocationMeter;
  readonly log: (line: string) => void;
}

/** What a function has done since the start. */
export interface FunctionStatistics {
  invocations: number;
  failures: number;
  coldStarts: number;
  /** Most environments that were busy at a time. */
  peakConcurrency: number;
  /** Most memory one environment had resident; 0 where the system does not tell. */
  peakBytes: number;
}

/** How long a caller waits for one of the few environments there are here, before it is refused like on AWS. */
const CALLER_WAIT_MS = 10_000;

/** A function and its execution environments: reused while they live, as many as its concurrency allows. */
export class LambdaFunction {
  readonly configuration: FunctionConfiguration;
  readonly statistics: FunctionStatistics = {
    invocations: 0,
    failures: 0,
    coldStarts: 0,
    peakConcurrency: 0,
    peakBytes: 0,
  };
  readonly #options: LambdaFunctionOptions;
  readonly #slots: Slots;
  readonly #pool: EnvironmentPool;
  /** By the ARN of the alias. */
  readonly #provisioned = new Map<string, ProvisionedConcurrency>();
  readonly #ready = new Map<string, number>();
  #ending = false;

  constructor(options: LambdaFunctionOptions) {
    this.#options = options;
    this.configuration = options.configuration;
    this.#slots = new Slots(options.configuration.reservedConcurrency ?? Number.POSITIVE_INFINITY);
    this.#pool = new EnvironmentPool(options);
  }

  /** Processes of its environments that live. */
  get processIds(): number[] {
    return this.#pool.processIds;
  }

  /**
   * Invokes the function for a caller who waits for the answer.
   *
   * @param arn the one it was called by, of a version or alias perhaps
   * @param trace header of the trace it is part of, if the caller has one
   * @throws AwsError 429 when as many environments are busy as the function may have, or, for long, as there are
   */
  async invoke(payload: string, arn = this.configuration.arn, trace?: string): Promise<Outcome> {
    const { forCallers } = this.#options.account;
    if (!this.#slots.tryTake()) throw this.#throttled(arn);
    if (await forCallers.takeWithin(CALLER_WAIT_MS)) return this.#run({ payload, arn, trace }, forCallers);
    this.#slots.giveBack();
    throw this.#throttled(arn);
  }

  /** Invokes the function once it may run again: for events, which nobody waits for. */
  invokeWhenFree(payload: string, arn = this.configuration.arn): Promise<Outcome> {
    return this.#runWhenFree(payload, arn, this.#options.account.forEvents);
  }

  /** Comes when the function could be invoked with messages of a queue at once. */
  async freeForQueue(): Promise<void> {
    await this.#slots.free();
    await this.#options.account.forQueues.free();
  }

  /** Invokes the function with messages of a queue once it may run again. */
  invokeForQueue(payload: string, arn = this.configuration.arn): Promise<Outcome> {
    return this.#runWhenFree(payload, arn, this.#options.account.forQueues);
  }

  /** Has invocations by an alias counted against what is provisioned for it. */
  provision(aliasArn: string, provisioned: ProvisionedConcurrency): void {
    this.#provisioned.set(aliasArn, provisioned);
  }

  /** Starts environments ahead for an alias. Whoever is called takes any that is ready, as all have the same code. */
  keepReady(aliasArn: string, environments: number): void {
    this.#ready.set(aliasArn, environments);
    this.#pool.keepReady([...this.#ready.values()].reduce((sum, count) => sum + count, 0));
  }

  /** Ends every environment; invocations under way fail. */
  async end(): Promise<void> {
    this.#ending = true;
    await this.#pool.end();
  }

  async #runWhenFree(payload: string, arn: string, account: Slots): Promise<Outcome> {
    await this.#slots.take();
    await account.take();
    return this.#run({ payload, arn, trace: undefined }, account);
  }

  /** Handles an invocation that has its slots, of the function and of `account`, and gives them back. */
  async #run(
    invocation: { payload: string; arn: string; trace: string | undefined },
    account: Slots,
  ): Promise<Outcome> {
    const requestId = randomUUID();
    if (this.#ending) {
      account.giveBack();
      this.#slots.giveBack();
      return platformError('Runtime.ExitError', requestId, 'the local cloud is stopping');
    }
    const startedAt = performance.now();
    const { meter } = this.#options;
    meter.started(invocation.arn);
    let succeeded = false;
    const leave = this.#provisioned.get(invocation.arn)?.enter();
    const { environment, isCold } = this.#pool.take();
    const { statistics } = this;
    statistics.invocations += 1;
    if (isCold) statistics.coldStarts += 1;
    statistics.peakConcurrency = Math.max(statistics.peakConcurrency, this.#pool.busy);
    try {
      const outcome = await environment.invoke({ requestId, ...invocation });
      succeeded = outcome.succeeded;
      if (!succeeded) statistics.failures += 1;
      statistics.peakBytes = Math.max(statistics.peakBytes, environment.peakBytes);
      const milliseconds = performance.now() - startedAt;
      const reported = { requestId, milliseconds, peakBytes: environment.peakBytes, outcome };
      for (const line of reportLines(this.configuration, reported)) this.#options.log(line);
      return outcome;
    } finally {
      meter.ended(invocation.arn, { milliseconds: performance.now() - startedAt, succeeded });
      leave?.();
      this.#pool.giveBack(environment);
      account.giveBack();
      this.#slots.giveBack();
    }
  }

  #throttled(arn: string): AwsError {
    this.#options.meter.throttled(arn);
    return new AwsError(429, 'TooManyRequestsException', 'Rate Exceeded.');
  }
}
