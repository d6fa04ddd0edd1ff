import { AnalysisError } from '../errors.ts';

/** Adds whole numbers from 0 that a report shows as a total; the sum is exact (analysis spec §2). */
export class ExactSum {
  readonly #what: string;
  #sum: number | null = null;

  /** @param what whose total it is, for the message: `impressions of the dataset` */
  constructor(what: string) {
    this.#what = what;
  }

  /** Adds a number; null is none. */
  add(value: number | null): void {
    if (value !== null) this.#sum = (this.#sum ?? 0) + value;
  }

  /**
   * The sum, null when no number was added.
   *
   * @throws AnalysisError `overflow` past 2^53 − 1, below which no sum falls again that was above it
   */
  total(): number | null {
    if (this.#sum === null || this.#sum <= Number.MAX_SAFE_INTEGER) return this.#sum;
    throw new AnalysisError(
      'overflow',
      `The total ${this.#what} is above ${Number.MAX_SAFE_INTEGER}, beyond which it could not be exact.`,
      'Check the unit of the column, or analyse the dataset in parts.',
    );
  }
}

/**
 * The exact sum of whole numbers from 0.
 *
 * @throws AnalysisError `overflow` past 2^53 − 1
 */
export function exactSum(values: ArrayLike<number>, what: string): number {
  const sum = new ExactSum(what);
  for (let i = 0; i < values.length; i++) sum.add(values[i] ?? 0);
  return sum.total() ?? 0;
}
