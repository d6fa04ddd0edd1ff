import { enumerateLyndonWords, isLyndon, type TensorShape } from './words.ts';

/**
 * How to read Lyndon coordinates off a tensor logarithm.
 *
 * Among words, the standard bracketing of a Lyndon word w expands to w plus greater words of the same length (Reutenauer,
 * Free Lie Algebras, theorem 5.1). So the coefficients of the Lyndon words in a logarithm are a unit lower triangular
 * integer matrix times its coordinates in the basis of these bracketings. Row i of that matrix, without its diagonal, is
 * `columns[k]`, `entries[k]` for k = rows[i] … rows[i + 1] − 1.
 */
export interface LyndonBasis {
  readonly words: readonly string[];
  /** Index of each Lyndon word in the tensor. */
  readonly positions: Int32Array;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly entries: Float64Array;
}

/** A Lie polynomial as its integer coefficients by word. */
type Expansion = ReadonlyMap<string, number>;

/** The standard bracketing [u, v] of a Lyndon word: v is its longest proper suffix that is a Lyndon word. */
function bracket(word: string, expansions: ReadonlyMap<string, Expansion>): Expansion {
  let split = 1;
  while (!isLyndon(word.slice(split))) split++;
  const left = expansions.get(word.slice(0, split)) ?? new Map<string, number>();
  const right = expansions.get(word.slice(split)) ?? new Map<string, number>();
  const sum = new Map<string, number>();
  for (const [u, a] of left) {
    for (const [v, b] of right) {
      sum.set(u + v, (sum.get(u + v) ?? 0) + a * b);
      sum.set(v + u, (sum.get(v + u) ?? 0) - a * b);
    }
  }
  return sum;
}

function expandBrackets(words: readonly string[]): Map<string, Expansion> {
  const expansions = new Map<string, Expansion>();
  for (const word of words) {
    expansions.set(word, word.length === 1 ? new Map([[word, 1]]) : bracket(word, expansions));
  }
  return expansions;
}

function position(word: string, shape: TensorShape): number {
  let index = 0;
  for (const letter of word) index = index * shape.dimension + Number(letter) - 1;
  return (shape.starts[word.length] ?? 0) + index;
}

function buildBasis(shape: TensorShape): LyndonBasis {
  const words = enumerateLyndonWords(shape.dimension, shape.depth);
  const expansions = expandBrackets(words);
  const rows = [0];
  const columns: number[] = [];
  const entries: number[] = [];
  for (const [i, word] of words.entries()) {
    for (const [j, other] of words.slice(0, i).entries()) {
      const entry = expansions.get(other)?.get(word) ?? 0;
      if (entry === 0) continue;
      columns.push(j);
      entries.push(entry);
    }
    rows.push(columns.length);
  }
  return {
    words,
    positions: Int32Array.from(words, (word) => position(word, shape)),
    rows: Int32Array.from(rows),
    columns: Int32Array.from(columns),
    entries: Float64Array.from(entries),
  };
}

const bases = new Map<string, LyndonBasis>();

/** The basis of a shape, built once. */
export function lyndonBasis(shape: TensorShape): LyndonBasis {
  const key = `${shape.dimension},${shape.depth}`;
  const known = bases.get(key);
  if (known !== undefined) return known;
  const basis = buildBasis(shape);
  bases.set(key, basis);
  return basis;
}

/** Writes the Lyndon coordinates of a tensor logarithm to `out[at …]`, by forward substitution. */
export function project(logarithm: Float64Array, basis: LyndonBasis, out: Float64Array, at: number): void {
  const { positions, rows, columns, entries } = basis;
  for (let i = 0; i < positions.length; i++) {
    let value = logarithm[positions[i] ?? 0] ?? 0;
    const end = rows[i + 1] ?? 0;
    for (let k = rows[i] ?? 0; k < end; k++) value -= (entries[k] ?? 0) * (out[at + (columns[k] ?? 0)] ?? 0);
    out[at + i] = value;
  }
}
