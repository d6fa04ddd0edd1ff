import { AnalysisError } from '../errors.ts';

function refuse(message: string, remedy: string): never {
  throw new AnalysisError('invalid_request', message, remedy);
}

function checkInteger(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  const range = high === Number.MAX_SAFE_INTEGER ? `of at least ${low}` : `from ${low} to ${high}`;
  refuse(`The ${name} is ${value}.`, `Give an integer ${range}.`);
}

/** Refuses a dimension outside 2…4 and a depth outside 1…5. */
export function checkOrder(dimension: number, depth: number): void {
  checkInteger('dimension of the path', dimension, 2, 4);
  checkInteger('depth of the signature', depth, 1, 5);
}

/** Refuses a window that is not an integer of at least 2 points. */
export function checkWindow(window: number): void {
  checkInteger('window', window, 2, Number.MAX_SAFE_INTEGER);
}

/**
 * Whether no number is infinite or NaN: 0 · x is then ±0, else NaN. Without branches, and in two sums so that additions
 * need not wait for each other, this takes a quarter of the time of `Number.isFinite` on each.
 */
function allFinite(numbers: Float64Array): boolean {
  let even = 0;
  let odd = 0;
  for (let k = 1; k < numbers.length; k += 2) {
    even += 0 * (numbers[k - 1] ?? 0);
    odd += 0 * (numbers[k] ?? 0);
  }
  return even + odd + 0 * (numbers[numbers.length - 1] ?? 0) === 0;
}

function checkNumbers(name: string, numbers: Float64Array): void {
  if (allFinite(numbers)) return;
  const at = numbers.findIndex((value) => !Number.isFinite(value));
  refuse(`The ${name} holds ${numbers[at]} at index ${at}.`, 'Give finite numbers only.');
}

/** The number of points of a path; refuses what is not a Float64Array of one or more whole, finite points. */
export function checkPath(path: Float64Array, dimension: number): number {
  if (!(path instanceof Float64Array))
    refuse('The path is not a Float64Array.', 'Give points × dimension, row-major.');
  const points = path.length / dimension;
  if (points === 0) refuse('The path has no points.', 'Give at least one point.');
  if (!Number.isInteger(points)) {
    refuse(
      `The path has ${path.length} numbers, which is not a multiple of the dimension ${dimension}.`,
      'Give points × dimension numbers, row-major.',
    );
  }
  checkNumbers('path', path);
  return points;
}

/** Refuses what is not a signature of the given length with finite numbers. */
export function checkSignature(name: string, numbers: Float64Array, length: number): void {
  if (!(numbers instanceof Float64Array))
    refuse(`The ${name} is not a Float64Array.`, `Give ${length} numbers.`);
  if (numbers.length !== length) refuse(`The ${name} has ${numbers.length} numbers.`, `Give ${length}.`);
  checkNumbers(name, numbers);
}

/** The array to write a result of `length` numbers to: `out`, whose length must be that, or a new one. */
export function resultArray(out: Float64Array | undefined, length: number): Float64Array {
  if (out === undefined) return new Float64Array(length);
  if (!(out instanceof Float64Array))
    refuse('The array `out` is not a Float64Array.', `Give one of ${length} numbers.`);
  if (out.length !== length) refuse(`The array \`out\` has ${out.length} numbers.`, `Give one of ${length}.`);
  return out;
}
