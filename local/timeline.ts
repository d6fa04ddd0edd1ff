// Longer than this a timer would fire at once; one that is further off is set again on the way.
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The time that metrics, alarms, schedules and scaling live in: real time, or a faster one that begins at the real
 * time of its creation. Functions see real time, whatever the speed.
 */
export class Timeline {
  readonly speed: number;
  readonly #origin = Date.now();

  /** @param speed milliseconds that pass in one of real time */
  constructor(speed = 1) {
    if (!(speed > 0 && Number.isFinite(speed))) throw new RangeError(`${speed} is no speed of time.`);
    this.speed = speed;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#origin + (Date.now() - this.#origin) * this.speed;
  }

  /** Runs `work` once, when so many milliseconds of this time have passed. @returns how to call it off */
  after(milliseconds: number, work: () => void): () => void {
    return this.#at(this.now() + milliseconds, work);
  }

  /** Runs `work` each time so many milliseconds of this time have passed; without the turns it was too busy for. */
  every(milliseconds: number, work: () => void): () => void {
    let due = this.now() + milliseconds;
    let cancel: () => void;
    const turn = (): void => {
      due += milliseconds * Math.max(1, Math.ceil((this.now() - due) / milliseconds));
      cancel = this.#at(due, turn);
      work();
    };
    cancel = this.#at(due, turn);
    return () => cancel();
  }

  #at(due: number, work: () => void): () => void {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const left = Math.ceil((due - this.now()) / this.speed);
      timer = setTimeout(
        () => (this.now() < due ? wait() : work()),
        Math.min(Math.max(0, left), MAX_TIMER_MS),
      );
    };
    wait();
    return () => clearTimeout(timer);
  }
}
