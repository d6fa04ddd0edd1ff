import { type JobRef, watchOf } from '../../lambdas/contracts/job.ts';
import type { QueueMessage } from '../../lambdas/contracts/messages.ts';
import { cancelJob } from '../../lambdas/pipeline/cancel.ts';
import type { PipelineContext } from '../../lambdas/pipeline/context.ts';
import { type Disposition, handleMessage } from '../../lambdas/pipeline/handle-message.ts';
import type { PipelineSettings } from '../../lambdas/pipeline/settings.ts';
import { sweep } from '../../lambdas/pipeline/sweep.ts';
import { MemoryStore } from './memory-store.ts';
import { contextOver, type Gate, OPEN_GATE } from './ports.ts';
import { Random } from './random.ts';
import { type Fate, Worker } from './worker.ts';

const START = Date.UTC(2026, 0, 5, 12);
const MAX_WORKERS = 3;
const VISIBILITY_MS = 90_000;
const MAX_RECEIVES = 5;
const MAX_SWEEPS = 60;
const MAX_STEPS = 20_000;
const FATES: readonly Fate[] = ['fails before', 'fails after', 'dies before', 'dies after'];

interface Letter {
  readonly message: QueueMessage;
  visibleAt: number;
  receives: number;
}

export interface Faults {
  /** Probability that a call fails or its worker dies. */
  readonly calls: number;
  /** Probability, where there is a choice, that a message being handled is delivered once more at the same time. */
  readonly duplicates: number;
  /** Probability that the acknowledgement of a handled message gets lost. */
  readonly lostAcks: number;
  /** Probability that a message is gone before anybody received it. No queue does that; only people and mistakes do. */
  readonly losses: number;
}

export const NO_FAULTS: Faults = { calls: 0, duplicates: 0, lostAcks: 0, losses: 0 };

/**
 * The pipeline over stores in memory, with a scheduler that decides from a seed alone which call of which worker comes
 * next and what befalls it. Time passes only when nothing else happens.
 */
export class Simulation {
  readonly store = new MemoryStore();
  readonly trace: string[] = [];
  /** Every message that was ever sent, for stragglers. */
  readonly sent: QueueMessage[] = [];
  readonly deadLetters: QueueMessage[] = [];
  losses = 0;
  faults: Faults;
  faultsDone = 0;
  /** Deliveries of a message that another worker still had, whose acknowledgement then deletes it for both. */
  duplicates = 0;
  now = START;
  /** Called after every step. */
  onStep: () => void = () => undefined;

  readonly #random: Random;
  readonly #settings: Partial<PipelineSettings>;
  #letters: Letter[] = [];
  readonly #workers = new Map<Worker<unknown>, (worker: Worker<unknown>) => void>();
  #nextWorker = 1;
  #steps = 0;

  constructor(seed: number, settings: Partial<PipelineSettings>, faults: Faults) {
    this.#random = new Random(seed);
    this.#settings = settings;
    this.faults = faults;
  }

  /** The pipeline as somebody outside of the simulation uses it: nothing befalls its calls. */
  get outside(): PipelineContext {
    return this.#contextOf(OPEN_GATE);
  }

  enqueue(message: QueueMessage, delaySeconds = 0): void {
    this.sent.push(message);
    this.#letters.push({ message, visibleAt: this.now + delaySeconds * 1000, receives: 0 });
  }

  /** Has a cancellation asked for by a worker of its own, so that it meets the others at any point. */
  cancel(ref: JobRef): void {
    this.#start(
      'cancel',
      (context) => cancelJob(context, ref),
      () => undefined,
    );
  }

  /** Works until nothing is left to do, every job is over, and every failure told. @throws Error when a job is stuck */
  async run(): Promise<void> {
    for (let sweeps = 0; ; sweeps++) {
      while (this.#letters.length > 0 || this.#workers.size > 0) await this.#step();
      if ([...this.store.jobs.values()].every((job) => watchOf(job) === null)) return;
      if (sweeps === MAX_SWEEPS) throw new Error('a job is stuck: the sweeper does not end it');
      this.now += 3_600_000;
      this.#start('sweep', sweep, () => undefined);
    }
  }

  async #step(): Promise<void> {
    if (++this.#steps > MAX_STEPS) throw new Error('the simulation does not end');
    await this.#quiet();
    this.#collect();
    const calls = [...this.#workers.keys()].flatMap((worker) => worker.calls.map((_, i) => ({ worker, i })));
    const due = this.#letters.filter(({ visibleAt }) => visibleAt <= this.now);
    const canReceive = due.length > 0 && this.#workers.size < MAX_WORKERS;
    if (canReceive && (calls.length === 0 || this.#random.chance(0.25)))
      this.#receive(this.#random.pick(due));
    else if (calls.length > 0) this.#call(this.#random.pick(calls));
    else this.#passTime();
    this.onStep();
  }

  /** Waits until every living worker is held at a call or done. */
  async #quiet(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while ([...this.#workers.keys()].some((worker) => worker.isBusy));
  }

  #call({ worker, i }: { worker: Worker<unknown>; i: number }): void {
    const [call] = worker.calls.splice(i, 1);
    if (call === undefined) return;
    const strikes = this.#random.chance(this.faults.calls);
    const fate = strikes ? this.#random.pick(FATES) : 'works';
    if (strikes) this.faultsDone++;
    this.trace.push(`${worker.id} ${call.name}${strikes ? ` ${fate}` : ''}`);
    call.settle(fate);
  }

  #receive(letter: Letter): void {
    if (this.#random.chance(this.faults.losses)) {
      this.losses++;
      this.faultsDone++;
      this.trace.push(`lost ${JSON.stringify(letter.message)}`);
      this.#remove(letter);
      return;
    }
    letter.receives++;
    const { message, receives } = letter;
    if (receives > MAX_RECEIVES) {
      this.#remove(letter);
      this.deadLetters.push(message);
      return;
    }
    const again = this.#random.chance(this.faults.duplicates);
    if (again) this.duplicates++;
    this.faultsDone += Number(again);
    letter.visibleAt = again ? this.now : this.now + VISIBILITY_MS;
    const title = `${JSON.stringify(message)} #${receives}`;
    this.#start(
      title,
      (context) => handleMessage(context, message, receives),
      (worker) => {
        if (worker.result !== null && 'value' in worker.result) this.#dispose(letter, worker.result.value);
      },
    );
  }

  #dispose(letter: Letter, disposition: Disposition): void {
    if (this.#random.chance(this.faults.lostAcks)) {
      this.faultsDone++;
      return;
    }
    if (disposition.action === 'acknowledge') this.#remove(letter);
    else if (disposition.action === 'retry') letter.visibleAt = this.now + disposition.delaySeconds * 1000;
    else letter.visibleAt = this.now;
  }

  #remove(letter: Letter): void {
    this.#letters = this.#letters.filter((other) => other !== letter);
  }

  #start<T>(
    title: string,
    run: (context: PipelineContext) => Promise<T>,
    end: (worker: Worker<T>) => void,
  ): void {
    const id = this.#nextWorker++;
    this.trace.push(`${id} begins ${title}`);
    const worker = new Worker(id, (gate) => run(this.#contextOf(gate)));
    this.#workers.set(worker, () => end(worker));
  }

  /** Takes leave of workers that are done or dead. */
  #collect(): void {
    for (const [worker, end] of this.#workers) {
      if (worker.result === null && !worker.dead) continue;
      this.#workers.delete(worker);
      const outcome = worker.dead
        ? 'dies'
        : JSON.stringify(worker.result, (_, v) => (v instanceof Error ? `${v}` : v));
      this.trace.push(`${worker.id} ${outcome}`);
      end(worker);
    }
  }

  #passTime(): void {
    const next = Math.min(...this.#letters.map(({ visibleAt }) => visibleAt));
    if (Number.isFinite(next)) this.now = Math.max(this.now, next);
  }

  #contextOf(gate: Gate): PipelineContext {
    const send = (messages: readonly QueueMessage[], delaySeconds: number) => {
      for (const message of messages) this.enqueue(message, delaySeconds);
    };
    return contextOver({ store: this.store, now: () => this.now, send }, gate, this.#settings);
  }
}
