import type { Gate } from './ports.ts';

/** What befalls a call: before its effect, after it, or nothing. */
export type Fate = 'works' | 'fails before' | 'fails after' | 'dies before' | 'dies after';

interface Call {
  readonly name: string;
  readonly settle: (fate: Fate) => void;
}

/** A failure such as a store has now and then. */
class TransientError extends Error {
  constructor(name: string) {
    super(`${name} timed out`);
    this.name = 'TransientError';
  }
}

/** One run of a handler, held at every call that it makes until the scheduler says what befalls it. */
export class Worker<T> {
  readonly id: number;
  readonly calls: Call[] = [];
  /** What the handler came back with; null while it runs. */
  result: { readonly value: T } | { readonly error: unknown } | null = null;
  dead = false;

  constructor(id: number, run: (gate: Gate) => Promise<T>) {
    this.id = id;
    run((name, effect) => this.#held(name, effect)).then(
      (value) => {
        this.result = { value };
      },
      (error: unknown) => {
        this.result = { error };
      },
    );
  }

  /** Whether it neither waits for the scheduler nor is done: it is computing. */
  get isBusy(): boolean {
    return !this.dead && this.result === null && this.calls.length === 0;
  }

  #held<R>(name: string, effect: () => R): Promise<R> {
    return new Promise((resolve, reject) => {
      const settle = (fate: Fate) => {
        if (fate === 'fails before') return reject(new TransientError(name));
        if (fate === 'dies before') return this.#die();
        let effected: R;
        try {
          effected = effect();
        } catch (error) {
          return reject(error);
        }
        if (fate === 'dies after') return this.#die();
        if (fate === 'fails after') return reject(new TransientError(name));
        resolve(effected);
      };
      this.calls.push({ name, settle });
    });
  }

  /** A dead worker's promises never settle: whatever it would have done next does not happen. */
  #die(): void {
    this.dead = true;
    this.calls.length = 0;
  }
}
