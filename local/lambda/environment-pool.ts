import { ExecutionEnvironment } from './environment.ts';
import type { RuntimeOptions } from './runtime-process.ts';

/** Environments idle for so long end, like Lambda's. */
const IDLE_MS = 60_000;

/** The execution environments of one function: used again while they live, and some of them kept ready. */
export class EnvironmentPool {
  readonly #options: RuntimeOptions;
  readonly #environments = new Set<ExecutionEnvironment>();
  readonly #idle = new Map<ExecutionEnvironment, NodeJS.Timeout>();
  #ready = 0;
  #ending = false;

  constructor(options: RuntimeOptions) {
    this.#options = options;
  }

  get busy(): number {
    return this.#environments.size - this.#idle.size;
  }

  /** Processes that live. */
  get processIds(): number[] {
    return [...this.#environments].flatMap(({ alive, processId }) => (alive ? (processId ?? []) : []));
  }

  /** An environment for an invocation, and whether it has to be started for it. */
  take(): { readonly environment: ExecutionEnvironment; readonly isCold: boolean } {
    // The one used last: its caches are the warmest, and the others may go.
    for (const [environment, timer] of [...this.#idle].reverse()) {
      clearTimeout(timer);
      this.#idle.delete(environment);
      if (environment.alive) return { environment, isCold: false };
      // Its process ended while it had nothing to do.
      this.#environments.delete(environment);
    }
    return { environment: this.#add(), isCold: true };
  }

  giveBack(environment: ExecutionEnvironment): void {
    if (environment.alive && !this.#ending) {
      this.#rest(environment);
      return;
    }
    this.#environments.delete(environment);
    this.#fill();
  }

  /** Starts environments ahead of invocations until there are so many, and from now on lets no fewer be left. */
  keepReady(count: number): void {
    this.#ready = count;
    this.#fill();
  }

  /** Ends all; invocations under way fail. */
  async end(): Promise<void> {
    this.#ending = true;
    for (const timer of this.#idle.values()) clearTimeout(timer);
    await Promise.all([...this.#environments].map((environment) => environment.end()));
  }

  #add(): ExecutionEnvironment {
    const environment = new ExecutionEnvironment(this.#options);
    this.#environments.add(environment);
    return environment;
  }

  #fill(): void {
    while (!this.#ending && this.#environments.size < this.#ready) {
      const environment = this.#add();
      // What fails here fails the invocation that gets it, which comes even before it is ready: that is sooner than
      // another could be.
      environment.prepare().catch(() => undefined);
      this.#rest(environment);
    }
  }

  #rest(environment: ExecutionEnvironment): void {
    const timer = setTimeout(() => this.#retire(environment), IDLE_MS);
    timer.unref();
    this.#idle.set(environment, timer);
  }

  #retire(environment: ExecutionEnvironment): void {
    if (environment.alive && this.#environments.size <= this.#ready) {
      this.#rest(environment);
      return;
    }
    this.#idle.delete(environment);
    this.#environments.delete(environment);
    void environment.end();
  }
}
