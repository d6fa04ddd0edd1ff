const FULL_PRECISION = 17;
/** Different values that are kept apart before they are rounded. */
const MAX_VALUES = 500;

/** What was recorded of one metric in one minute: its statistics, and how often which value. */
export class Distribution {
  sum = 0;
  count = 0;
  minimum = Number.POSITIVE_INFINITY;
  maximum = Number.NEGATIVE_INFINITY;
  #values: Map<number, number> | undefined = new Map();
  /** Significant digits of the values: fewer when there are too many different ones, so that memory is bounded. */
  #digits = FULL_PRECISION;

  add(value: number, times = 1): void {
    if (!(times > 0)) return;
    this.sum += value * times;
    this.count += times;
    this.minimum = Math.min(this.minimum, value);
    this.maximum = Math.max(this.maximum, value);
    this.#keep(value, times);
  }

  /** Adds statistics of which the single values are not known: as of so many of their mean. */
  addStatistics(set: { sum: number; count: number; minimum: number; maximum: number }): void {
    if (set.count <= 0) return;
    this.sum += set.sum;
    this.count += set.count;
    this.minimum = Math.min(this.minimum, set.minimum);
    this.maximum = Math.max(this.maximum, set.maximum);
    this.#keep(set.sum / set.count, set.count);
  }

  merge(other: Distribution): void {
    this.sum += other.sum;
    this.count += other.count;
    this.minimum = Math.min(this.minimum, other.minimum);
    this.maximum = Math.max(this.maximum, other.maximum);
    if (other.#values === undefined) this.#values = undefined;
    for (const [value, times] of other.#values ?? []) this.#keep(value, times);
  }

  /** Lets go of the single values; percentiles are not known any more. */
  summarise(): void {
    this.#values = undefined;
  }

  /** The smallest value that so many percent are not above; undefined when values are not known. */
  percentile(percent: number): number | undefined {
    if (this.#values === undefined) return undefined;
    const ordered = [...this.#values].sort(([left], [right]) => left - right);
    const rank = (percent / 100) * this.count;
    let passed = 0;
    for (const [value, times] of ordered) {
      passed += times;
      // Rounding may not lead out of what there was.
      if (passed >= rank) return Math.min(Math.max(value, this.minimum), this.maximum);
    }
    return ordered.at(-1)?.[0];
  }

  #keep(value: number, times: number): void {
    const values = this.#values;
    if (values === undefined) return;
    const kept = this.#digits === FULL_PRECISION ? value : Number(value.toPrecision(this.#digits));
    values.set(kept, (values.get(kept) ?? 0) + times);
    if (values.size <= MAX_VALUES || this.#digits <= 2) return;
    this.#digits = this.#digits === FULL_PRECISION ? 3 : 2;
    this.#values = new Map();
    for (const [known, often] of values) this.#keep(known, often);
  }
}
