/** A number of slots that are taken and given back, first come, first served. */
export class Slots {
  #limit: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  /** More let those in at once who wait; with fewer, nobody gets in until so many have given back. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#admit();
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether there was a slot to take at once. */
  tryTake(): boolean {
    if (this.#taken >= this.#limit) return false;
    this.#taken += 1;
    return true;
  }

  async take(): Promise<void> {
    if (this.tryTake()) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Comes when there is a slot for whoever asks next, after those who wait already. */
  async free(): Promise<void> {
    await this.take();
    this.giveBack();
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
    this.#taken -= 1;
    this.#admit();
  }

  /** Takes a slot for each who waits, before anybody else can. */
  #admit(): void {
    while (this.#waiting.length > 0 && this.tryTake()) this.#waiting.shift()?.();
  }
}
