import type { MetricDatum } from '../cloudwatch/metrics.ts';
import type { Timeline } from '../timeline.ts';

export interface ProvisionedOptions {
  readonly functionName: string;
  /** Name of the alias, or number of the version. */
  readonly qualifier: string;
  /** What the template asks for. */
  readonly units: number;
  readonly timeline: Timeline;
  readonly record: (datum: MetricDatum) => void;
  /** Has so many environments of the function started ahead of invocations. */
  readonly keepReady: (environments: number) => void;
}

/** A second of the timeline, in which one unit takes so many requests, however short they are. */
const WINDOW_MS = 1000;
const REQUESTS_PER_UNIT = 10;
/** From a request for more until all of it is there: one to two minutes on AWS. */
const ALLOCATION_MS = 60_000;
/** Processes that are really kept. More cost a laptop its memory; the rest is only counted. */
const MOST_READY = 2;

/**
 * The provisioned concurrency of an alias: who has its units, what spills over, and the metrics of both. An invocation
 * spills over when every unit is busy or has had its ten requests of the second.
 */
export class ProvisionedConcurrency {
  readonly #options: ProvisionedOptions;
  readonly #dimensions: Readonly<Record<string, string>>;
  #requested: number;
  #allocated: number;
  #busy = 0;
  /** When units were last taken, oldest first. */
  readonly #recent: number[] = [];
  #cancel: () => void = () => undefined;

  constructor(options: ProvisionedOptions) {
    const { functionName: FunctionName, qualifier, units } = options;
    this.#options = options;
    this.#dimensions = { FunctionName, Resource: `${FunctionName}:${qualifier}` };
    this.#requested = units;
    this.#allocated = units;
  }

  /** Units that were asked for last; those that can be taken are fewer while more are set up. */
  get requested(): number {
    return this.#requested;
  }

  get allocated(): number {
    return this.#allocated;
  }

  start(): void {
    this.#options.keepReady(Math.min(this.#requested, MOST_READY));
  }

  stop(): void {
    this.#cancel();
  }

  /** Asks for so many units: fewer at once, more when all of them are there. @returns when they are */
  request(units: number): Promise<void> {
    this.#cancel();
    this.#requested = units;
    this.start();
    if (units <= this.#allocated) {
      this.#allocated = units;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#cancel = this.#options.timeline.after(ALLOCATION_MS, () => {
        this.#allocated = units;
        resolve();
      });
    });
  }

  /** Counts an invocation that starts. @returns what to call when it has ended */
  enter(): () => void {
    if (!this.#takesUnit()) {
      this.#record('ProvisionedConcurrencySpilloverInvocations', 1);
      return () => undefined;
    }
    this.#busy += 1;
    this.#record('ProvisionedConcurrencyInvocations', 1);
    this.#record('ProvisionedConcurrentExecutions', this.#busy);
    this.#record('ProvisionedConcurrencyUtilization', this.#busy / this.#allocated);
    return () => {
      this.#busy -= 1;
    };
  }

  #takesUnit(): boolean {
    const now = this.#options.timeline.now();
    while ((this.#recent[0] ?? now) <= now - WINDOW_MS) this.#recent.shift();
    if (this.#busy >= this.#allocated) return false;
    if (this.#recent.length >= REQUESTS_PER_UNIT * this.#allocated) return false;
    this.#recent.push(now);
    return true;
  }

  #record(name: string, value: number): void {
    this.#options.record({ namespace: 'AWS/Lambda', name, dimensions: this.#dimensions, value });
  }
}
