/**
 * The truncated tensor algebra, one plain loop nest for every dimension and depth. A tensor is a Float64Array laid out
 * as `words.ts` says; its constant term is not stored: 1 for a signature, 0 for a logarithm.
 */
import type { TensorShape } from './words.ts';

/**
 * `tensor ← tensor ⊗ exp(step)`: appends a straight segment to a path, in place (Chen's relation). Level k is
 * S_k + (S_{k−1} + … (S_1 + x/k) ⊗ x/(k−1) …) ⊗ x by Horner's rule, as in iisignature (Reizenstein & Graham 2020, §2.2).
 */
export function append(
  tensor: Float64Array,
  step: Float64Array,
  shape: TensorShape,
  scratch: Float64Array,
): void {
  const { dimension, depth } = shape;
  for (let level = depth; level >= 1; level--) {
    for (let a = 0; a < dimension; a++) scratch[a] = (step[a] ?? 0) / level;
    for (let k = 1; k < level; k++) {
      const start = shape.starts[k] ?? 0;
      // Downwards, so that the words of length k are read before longer ones take their place in the scratch.
      for (let word = (shape.sizes[k] ?? 0) - 1; word >= 0; word--) {
        const value = ((scratch[word] ?? 0) + (tensor[start + word] ?? 0)) / (level - k);
        for (let a = dimension - 1; a >= 0; a--) scratch[word * dimension + a] = value * (step[a] ?? 0);
      }
    }
    addLevel(tensor, scratch, level, shape);
  }
}

/** `tensor ← exp(step) ⊗ tensor`: puts a straight segment before a path, in place. The mirror image of `append`. */
export function prepend(
  tensor: Float64Array,
  step: Float64Array,
  shape: TensorShape,
  scratch: Float64Array,
): void {
  const { dimension, depth } = shape;
  for (let level = depth; level >= 1; level--) {
    for (let a = 0; a < dimension; a++) scratch[a] = (step[a] ?? 0) / level;
    for (let k = 1; k < level; k++) {
      const start = shape.starts[k] ?? 0;
      const size = shape.sizes[k] ?? 0;
      // The first letter goes last: its words take the place of the shorter ones, which are still read until then.
      for (let a = dimension - 1; a >= 0; a--) {
        const scale = (step[a] ?? 0) / (level - k);
        for (let word = 0; word < size; word++) {
          scratch[a * size + word] = scale * ((scratch[word] ?? 0) + (tensor[start + word] ?? 0));
        }
      }
    }
    addLevel(tensor, scratch, level, shape);
  }
}

function addLevel(tensor: Float64Array, scratch: Float64Array, level: number, shape: TensorShape): void {
  const start = shape.starts[level] ?? 0;
  const size = shape.sizes[level] ?? 0;
  for (let word = 0; word < size; word++)
    tensor[start + word] = (tensor[start + word] ?? 0) + (scratch[word] ?? 0);
}

/** Adds `factor · left_i ⊗ right_j` to level i + j of `out`. */
function addOuter(
  out: Float64Array,
  factor: number,
  left: Float64Array,
  i: number,
  right: Float64Array,
  j: number,
  shape: TensorShape,
): void {
  const { starts, sizes } = shape;
  const leftStart = starts[i] ?? 0;
  const rightStart = starts[j] ?? 0;
  const rightSize = sizes[j] ?? 0;
  let at = starts[i + j] ?? 0;
  for (let u = 0; u < (sizes[i] ?? 0); u++) {
    const value = factor * (left[leftStart + u] ?? 0);
    for (let v = 0; v < rightSize; v++, at++) out[at] = (out[at] ?? 0) + value * (right[rightStart + v] ?? 0);
  }
}

/** `out ← left ⊗ right` for tensors with constant term 1. `out` is neither of them. */
export function multiply(
  left: Float64Array,
  right: Float64Array,
  shape: TensorShape,
  out: Float64Array,
): void {
  for (let k = 0; k < shape.length; k++) out[k] = (left[k] ?? 0) + (right[k] ?? 0);
  for (let level = 2; level <= shape.depth; level++) {
    for (let i = 1; i < level; i++) addOuter(out, 1, left, i, right, level - i, shape);
  }
}

/**
 * `out ← log(1 + s)` = s(1 − s(1/2 − s(1/3 − …))), for the signature 1 + s, by Horner's rule. `out` is not `signature`.
 */
export function logarithm(signature: Float64Array, shape: TensorShape, out: Float64Array): void {
  out.fill(0);
  for (let n = shape.depth; n >= 1; n--) {
    // `out` holds levels ≥ 1 of the inner bracket, whose constant term is 1/n; the outermost factor s is positive.
    const sign = n === 1 ? 1 : -1;
    const deepest = shape.depth - n + 1;
    for (let level = deepest; level >= 1; level--) {
      const start = shape.starts[level] ?? 0;
      const end = start + (shape.sizes[level] ?? 0);
      for (let k = start; k < end; k++) out[k] = (sign * (signature[k] ?? 0)) / n;
      for (let i = 1; i < level; i++) addOuter(out, sign, signature, i, out, level - i, shape);
    }
  }
}
