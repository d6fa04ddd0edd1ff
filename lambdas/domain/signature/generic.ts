/** Signatures of any dimension and depth by the definitions, the reference that the fast path is tested against. */
import { lyndonBasis, project } from './lyndon.ts';
import { append, logarithm, multiply, prepend } from './tensor.ts';
import type { TensorShape } from './words.ts';

/** `step ← point[index + 1] − point[index]`. */
function readStep(path: Float64Array, index: number, step: Float64Array): void {
  const dimension = step.length;
  for (let a = 0; a < dimension; a++) {
    step[a] = (path[(index + 1) * dimension + a] ?? 0) - (path[index * dimension + a] ?? 0);
  }
}

/** Levels 1…depth of the signature of the whole path; `out` has `shape.length` numbers. */
export function genericSignature(path: Float64Array, shape: TensorShape, out: Float64Array): void {
  const step = new Float64Array(shape.dimension);
  const scratch = new Float64Array(shape.sizes[shape.depth] ?? 0);
  const segments = path.length / shape.dimension - 1;
  out.fill(0);
  for (let i = 0; i < segments; i++) {
    readStep(path, i, step);
    append(out, step, shape, scratch);
  }
}

/** Lyndon coordinates of the whole path. */
export function genericLogSignature(path: Float64Array, shape: TensorShape, out: Float64Array): void {
  const tensor = new Float64Array(shape.length);
  const log = new Float64Array(shape.length);
  genericSignature(path, shape, tensor);
  logarithm(tensor, shape, log);
  project(log, lyndonBasis(shape), out, 0);
}

/**
 * Lyndon coordinates of every window of `window` ≥ 2 points, row by row. The windows that contain the point `origin` are
 * products of a path that ends there and one that begins there. Each of these is extended from one window to the next by
 * a segment; nothing is ever taken away, so a spike leaves no trace in the windows after it.
 */
export function genericSlidingLogSignatures(
  path: Float64Array,
  shape: TensorShape,
  window: number,
  out: Float64Array,
): void {
  const basis = lyndonBasis(shape);
  const segments = window - 1;
  const rows = path.length / shape.dimension - segments;
  const step = new Float64Array(shape.dimension);
  const scratch = new Float64Array(shape.sizes[shape.depth] ?? 0);
  const product = new Float64Array(shape.length);
  const log = new Float64Array(shape.length);
  for (let first = 0; first < rows; first += segments) {
    const origin = Math.min(first + segments, rows) - 1;
    const before = signaturesUpTo(path, shape, first, origin, scratch);
    const after = new Float64Array(shape.length);
    for (let last = origin + 1; last <= origin + segments; last++) {
      readStep(path, last - 1, step);
      append(after, step, shape, scratch);
      const row = last - segments;
      if (row < first) continue;
      multiply(before[row - first] ?? after, after, shape, product);
      logarithm(product, shape, log);
      project(log, basis, out, row * basis.positions.length);
    }
  }
}

/** The signatures of the paths from each of the points first…origin to `origin`. */
function signaturesUpTo(
  path: Float64Array,
  shape: TensorShape,
  first: number,
  origin: number,
  scratch: Float64Array,
): Float64Array[] {
  const step = new Float64Array(shape.dimension);
  const signature = new Float64Array(shape.length);
  const signatures = [signature.slice()];
  for (let i = origin - 1; i >= first; i--) {
    readStep(path, i, step);
    prepend(signature, step, shape, scratch);
    signatures.push(signature.slice());
  }
  return signatures.reverse();
}
