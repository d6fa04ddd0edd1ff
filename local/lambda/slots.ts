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

  giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }
}
