import fc from 'fast-check';
import { describe, it } from 'vitest';
import { logSignature, lyndonWords, signature } from '../../../lambdas/domain/signature/index.ts';
import { expectClose, paths, SHAPES, variation, words } from './paths.ts';

/** A truncated tensor by word, the empty word included: slow, and nothing to get wrong. */
type Tensor = Map<string, number>;

function product(a: Tensor, b: Tensor, depth: number): Tensor {
  const sum: Tensor = new Map();
  for (const [u, x] of a) {
    for (const [v, y] of b) {
      if (u.length + v.length <= depth) sum.set(u + v, (sum.get(u + v) ?? 0) + x * y);
    }
  }
  return sum;
}

function add(a: Tensor, b: Tensor, factor: number): Tensor {
  const sum = new Map(a);
  for (const [word, value] of b) sum.set(word, (sum.get(word) ?? 0) + factor * value);
  return sum;
}

/** The smallest proper suffix of a Lyndon word is its longest proper Lyndon suffix. */
function standardBracket(word: string): Tensor {
  if (word.length === 1) return new Map([[word, 1]]);
  const suffixes = Array.from({ length: word.length - 1 }, (_, k) => word.slice(k + 1)).sort();
  const v = suffixes[0]!;
  const left = standardBracket(word.slice(0, word.length - v.length));
  const right = standardBracket(v);
  return add(product(left, right, word.length), product(right, left, word.length), -1);
}

/** Σ L^n / n!, by Horner's rule. */
function exponential(lie: Tensor, depth: number): Tensor {
  let sum: Tensor = new Map([['', 1]]);
  for (let n = depth; n >= 1; n--) sum = add(new Map([['', 1]]), product(lie, sum, depth), 1 / n);
  return sum;
}

describe('the exponential of Σ coordinate · standard bracketing is the signature', () => {
  for (const { dimension, depth } of SHAPES) {
    it(`dimension ${dimension}, depth ${depth}`, () => {
      const lyndon = lyndonWords(dimension, depth);
      const brackets = lyndon.map(standardBracket);
      fc.assert(
        fc.property(paths(dimension, 2, 8), (path) => {
          const coordinates = logSignature(path, { dimension, depth });
          const lie = brackets.reduce(
            (sum, bracket, i) => add(sum, bracket, coordinates[i]!),
            new Map<string, number>(),
          );
          const tensor = exponential(lie, depth);
          const labels = words(dimension, depth);
          const want = labels.map((word) => tensor.get(word) ?? 0);
          expectClose(signature(path, { dimension, depth }), want, labels, variation(path, dimension));
        }),
        { numRuns: 10 },
      );
    });
  }
});
