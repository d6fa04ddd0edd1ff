/** A number of slots that are taken and given back, first come, first served. */
export class Slots {
  readonly limit: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether there was a slot to take at once. */
  tryTake(): boolean {
    if (this.#taken >= this.limit) return false;
    this.#taken += 1;
    return true;
  }

  async take(): Promise<void> {
    if (this.tryTake()) return;
    // Whoever gives back hands the slot on, so it stays taken in between.
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Whether a slot became free in time. */
  async takeWithin(milliseconds: number): Promise<boolean> {
    if (this.tryTake()) return true;
    return new Promise((resolve) => {
      const got = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(got), 1);
        resolve(false);
      }, milliseconds);
      this.#waiting.push(got);
    });
  }

  giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }
}
