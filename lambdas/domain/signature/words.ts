/**
 * Words over the letters 1…dimension. A word of length k has the index Σ (letter_j − 1)·dimension^(k−j) within its
 * level, which is lexicographic order; a truncated tensor holds the levels 1…depth one after the other, without the
 * constant term.
 */

/** Where the words of each length stand in a truncated tensor. */
export interface TensorShape {
  readonly dimension: number;
  readonly depth: number;
  /** `starts[k]` is the first index of level k, for k = 1…depth; `starts[depth + 1]` is the length of the tensor. */
  readonly starts: readonly number[];
  /** `sizes[k]` = dimension^k, the number of words of length k, for k = 0…depth. */
  readonly sizes: readonly number[];
  readonly length: number;
}

/** The layout of the tensors of a dimension and depth. */
export function tensorShape(dimension: number, depth: number): TensorShape {
  const sizes = [1];
  const starts = [0, 0];
  let size = 1;
  let length = 0;
  for (let level = 1; level <= depth; level++) {
    size *= dimension;
    length += size;
    sizes.push(size);
    starts.push(length);
  }
  return { dimension, depth, starts, sizes, length };
}

/** The words of one length in lexicographic order, their letters as digits: `['11', '12', '21', '22']`. */
function wordsOfLength(dimension: number, length: number): string[] {
  let words = [''];
  for (let k = 0; k < length; k++) {
    words = words.flatMap((word) => Array.from({ length: dimension }, (_, letter) => `${word}${letter + 1}`));
  }
  return words;
}

/** A Lyndon word is strictly smaller than every proper suffix of it. */
export function isLyndon(word: string): boolean {
  for (let k = 1; k < word.length; k++) if (word.slice(k) <= word) return false;
  return true;
}

/** The Lyndon words up to a length, by length and then lexicographically (the order of every log-signature here). */
export function enumerateLyndonWords(dimension: number, depth: number): string[] {
  const lengths = Array.from({ length: depth }, (_, k) => k + 1);
  return lengths.flatMap((length) => wordsOfLength(dimension, length).filter(isLyndon));
}
