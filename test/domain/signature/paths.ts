import fc from 'fast-check';
import { expect } from 'vitest';

/** Every dimension and depth the library has. */
export const SHAPES = [2, 3, 4].flatMap((dimension) =>
  [1, 2, 3, 4, 5].map((depth) => ({ dimension, depth })),
);

export interface Shape {
  dimension: number;
  depth: number;
}

export const shapes = fc.constantFrom(...SHAPES);

const reals = fc.double({ min: -10, max: 10, noNaN: true });
/** Sixteenths, whose differences and translations by integers are exact; repeated points and closed paths are likely. */
const sixteenths = fc.integer({ min: -40, max: 40 }).map((n) => n / 16);

/** Row-major paths of `min` to `max` points. */
export function paths(
  dimension: number,
  min: number,
  max: number,
  coordinates = fc.oneof(reals, sixteenths),
) {
  return fc
    .integer({ min, max })
    .chain((points) =>
      fc.array(coordinates, { minLength: points * dimension, maxLength: points * dimension }),
    )
    .map((numbers) => Float64Array.from(numbers));
}

export function exactPaths(dimension: number, min: number, max: number) {
  return paths(dimension, min, max, sixteenths);
}

/** The points from…to (inclusive) of a path. */
export function slice(path: Float64Array, dimension: number, from: number, to: number): Float64Array {
  return path.slice(from * dimension, (to + 1) * dimension);
}

export function reverse(path: Float64Array, dimension: number): Float64Array {
  const points = path.length / dimension;
  return Float64Array.from(
    path,
    (_, k) => path[(points - 1 - Math.floor(k / dimension)) * dimension + (k % dimension)]!,
  );
}

/** The sum of the 1-norms of the increments, the V of the tolerances. */
export function variation(path: Float64Array, dimension: number): number {
  let sum = 0;
  for (let k = dimension; k < path.length; k++) sum += Math.abs(path[k]! - path[k - dimension]!);
  return sum;
}

/** All words up to a length in the order of a signature, letters as digits. */
export function words(dimension: number, depth: number): string[] {
  const all: string[] = [];
  let level = [''];
  for (let k = 0; k < depth; k++) {
    level = level.flatMap((word) => Array.from({ length: dimension }, (_, letter) => word + (letter + 1)));
    all.push(...level);
  }
  return all;
}

/** The increments of a path from its first point to its last. */
export function chord(path: Float64Array, dimension: number): number[] {
  return Array.from({ length: dimension }, (_, a) => path[path.length - dimension + a]! - path[a]!);
}

/**
 * Asserts |got − want| ≤ relative · V^k (/ k! when `factorial`) for each word of length k: an error in proportion to the
 * size that a word of that length could have on the path, however much cancels.
 */
export function expectClose(
  got: Float64Array,
  want: ArrayLike<number>,
  labels: readonly string[],
  v: number,
  { relative = 1e-13, factorial = false } = {},
): void {
  expect(got.length).toBe(want.length);
  expect(labels.length).toBe(want.length);
  const factorials = [1, 1, 2, 6, 24, 120];
  for (const [i, word] of labels.entries()) {
    const k = word.length;
    // The last term is for words that underflow.
    const tolerance = (relative * v ** k) / (factorial ? factorials[k]! : 1) + 1e-300;
    const error = Math.abs(got[i]! - want[i]!);
    if (!(error <= tolerance))
      expect.fail(`word ${word}: got ${got[i]}, want ${want[i]}, tolerance ${tolerance}`);
  }
}
