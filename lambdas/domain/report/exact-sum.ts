import { AnalysisError } from '../errors.ts';

/**
 * Adds whole numbers that a report shows as a total; the sum is exact (analysis spec §2).
 *
 * @param what whose total it is, for the message: `impressions of the dataset`
 * @throws AnalysisError `overflow` past 2^53 − 1
 */
export function exactSum(values: ArrayLike<number>, what: string): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] ?? 0;
    if (sum > Number.MAX_SAFE_INTEGER) {
      throw new AnalysisError(
        'overflow',
        `The total ${what} is above ${Number.MAX_SAFE_INTEGER}, beyond which it could not be exact.`,
        'Check the unit of the column, or analyse the dataset in parts.',
      );
    }
  }
  return sum;
}
