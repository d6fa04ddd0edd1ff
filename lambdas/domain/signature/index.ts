/**
 * Path signatures and log-signatures of piecewise linear paths (Chen 1957; Lyons 1998; for the conventions and methods,
 * Reizenstein & Graham, "The iisignature library", ACM TOMS 46:1, 2020; analysis spec §4).
 *
 * A path is a row-major Float64Array of points × dimension. A word i1…ik has the coefficient
 * ∫_{t1 < … < tk} dx^{i1} … dx^{ik}, in the product of the units of its letters; only differences of points matter. The
 * results are deterministic: the same numbers on every machine. Coefficients beyond the range of a double are not finite.
 */
import { checkOrder, checkPath, checkSignature, checkWindow, resultArray } from './arguments.ts';
import { genericLogSignature, genericSignature, genericSlidingLogSignatures } from './generic.ts';
import { lyndonBasis } from './lyndon.ts';
import { planarSlidingLogSignatures } from './planar.ts';
import { multiply } from './tensor.ts';
import { tensorShape } from './words.ts';

export interface SignatureOptions {
  /** Coordinates of a point, 2…4. */
  readonly dimension: number;
  /** Length of the longest words, 1…5. */
  readonly depth: number;
  /**
   * Where to write the result, an array of exactly its length, which is then returned; else a new one is made. It must not
   * share memory with the input.
   */
  readonly out?: Float64Array | undefined;
}

export interface SlidingOptions extends SignatureOptions {
  /** Points in a window, at least 2. */
  readonly window: number;
}

const PLANAR_LENGTH = 8;

/** Whether straight-line code exists for the shape: the one of the analysis. */
function isPlanar(dimension: number, depth: number): boolean {
  return dimension === 2 && depth === 4;
}

/** Coefficients in a signature: dimension + … + dimension^depth. @throws AnalysisError `invalid_request` */
export function signatureLength(dimension: number, depth: number): number {
  checkOrder(dimension, depth);
  return tensorShape(dimension, depth).length;
}

/** Coordinates in a log-signature: the number of Lyndon words. @throws AnalysisError `invalid_request` */
export function logSignatureLength(dimension: number, depth: number): number {
  checkOrder(dimension, depth);
  return isPlanar(dimension, depth) ? PLANAR_LENGTH : lyndonBasis(tensorShape(dimension, depth)).words.length;
}

/**
 * The Lyndon words that the coordinates of a log-signature belong to, in their order: by length, then lexicographic, the
 * letters as digits (`'1'`, `'2'`, `'12'`, `'112'`, …).
 *
 * @throws AnalysisError `invalid_request`
 */
export function lyndonWords(dimension: number, depth: number): readonly string[] {
  checkOrder(dimension, depth);
  return lyndonBasis(tensorShape(dimension, depth)).words;
}

/**
 * The signature of a path: levels 1…depth one after the other, each with its words in lexicographic order, without the
 * constant term 1.
 *
 * @param path points × dimension, row-major; a single point gives zeros
 * @returns `signatureLength(dimension, depth)` numbers
 * @throws AnalysisError `invalid_request`: no points, not whole points, numbers that are not finite, a dimension, depth or
 *   `out` of the wrong size
 */
export function signature(path: Float64Array, options: SignatureOptions): Float64Array {
  const { dimension, depth } = options;
  checkOrder(dimension, depth);
  checkPath(path, dimension);
  const shape = tensorShape(dimension, depth);
  const out = resultArray(options.out, shape.length);
  genericSignature(path, shape, out);
  return out;
}

/**
 * The log-signature of a path: the coordinates of the signature's tensor logarithm in the basis of standard bracketings of
 * Lyndon words, in the order of `lyndonWords` (iisignature's `logsig`).
 *
 * @param path points × dimension, row-major; a single point gives zeros
 * @returns `logSignatureLength(dimension, depth)` numbers
 * @throws AnalysisError `invalid_request`, as `signature`
 */
export function logSignature(path: Float64Array, options: SignatureOptions): Float64Array {
  const { dimension, depth } = options;
  checkOrder(dimension, depth);
  const points = checkPath(path, dimension);
  const out = resultArray(options.out, logSignatureLength(dimension, depth));
  if (points === 1) out.fill(0);
  else if (isPlanar(dimension, depth)) planarSlidingLogSignatures(path, points, out);
  else genericLogSignature(path, tensorShape(dimension, depth), out);
  return out;
}

/**
 * The log-signatures of all windows of a path, stride 1: row i is that of the points i … i + window − 1. A window's result
 * depends on its own points only, to rounding.
 *
 * @param path points × dimension, row-major
 * @returns (points − window + 1) × `logSignatureLength(dimension, depth)` numbers, row-major; none when the path has fewer
 *   points than the window
 * @throws AnalysisError `invalid_request`, as `signature`, or the window is not an integer ≥ 2
 */
export function slidingLogSignatures(path: Float64Array, options: SlidingOptions): Float64Array {
  const { dimension, depth, window } = options;
  checkOrder(dimension, depth);
  checkWindow(window);
  const points = checkPath(path, dimension);
  const rows = Math.max(0, points - window + 1);
  const out = resultArray(options.out, rows * logSignatureLength(dimension, depth));
  if (rows === 0) return out;
  if (isPlanar(dimension, depth)) planarSlidingLogSignatures(path, window, out);
  else genericSlidingLogSignatures(path, tensorShape(dimension, depth), window, out);
  return out;
}

/**
 * The signature of two paths, one after the other, by Chen's relation S(xy) = S(x) ⊗ S(y).
 *
 * @param a signature of the first path, as `signature` returns it
 * @param b signature of the second path, to the same depth
 * @returns `signatureLength(dimension, depth)` numbers
 * @throws AnalysisError `invalid_request`: an array of the wrong length, or numbers that are not finite
 */
export function chen(a: Float64Array, b: Float64Array, options: SignatureOptions): Float64Array {
  const length = signatureLength(options.dimension, options.depth);
  checkSignature('first signature', a, length);
  checkSignature('second signature', b, length);
  const out = resultArray(options.out, length);
  multiply(a, b, tensorShape(options.dimension, options.depth), out);
  return out;
}
