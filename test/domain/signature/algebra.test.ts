import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chen,
  logSignature,
  lyndonWords,
  signature,
  signatureLength,
  slidingLogSignatures,
} from '../../../lambdas/domain/signature/index.ts';
import {
  chord,
  exactPaths,
  expectClose,
  paths,
  reverse,
  type Shape,
  shapes,
  slice,
  variation,
  words,
} from './paths.ts';

/** A shape with a path of that dimension. */
function shapeAndPath(min: number, max: number, of = paths) {
  return shapes.chain((shape) =>
    fc.record({ shape: fc.constant(shape), path: of(shape.dimension, min, max) }),
  );
}

/** Equal numbers, −0 being 0. */
function expectEqual(got: Float64Array, want: Float64Array): void {
  expect(got.length).toBe(want.length);
  expect(got.every((value, i) => value === want[i])).toBe(true);
}

/** Multiplies each letter of a path by its factor. */
function scale(path: Float64Array, factors: number[], { dimension }: Shape): Float64Array {
  return path.map((value, k) => value * factors[k % dimension]!);
}

/** The product of the factors of a word's letters. */
function wordFactor(word: string, factors: number[]): number {
  return [...word].reduce((product, letter) => product * factors[Number(letter) - 1]!, 1);
}

/** All shuffles of two words, with multiplicity. */
function shuffles(u: string, v: string): string[] {
  if (u === '' || v === '') return [u + v];
  return [
    ...shuffles(u.slice(1), v).map((word) => u[0] + word),
    ...shuffles(u, v.slice(1)).map((word) => v[0] + word),
  ];
}

describe('the signature', () => {
  it('of a segment is the product of its increments over the factorial of the length', () => {
    fc.assert(
      fc.property(shapeAndPath(2, 2), ({ shape, path }) => {
        const labels = words(shape.dimension, shape.depth);
        const step = chord(path, shape.dimension);
        const want = labels.map((word) => wordFactor(word, step) / [1, 1, 2, 6, 24, 120][word.length]!);
        expectClose(signature(path, shape), want, labels, variation(path, shape.dimension), {
          factorial: true,
        });
      }),
    );
  });

  it('satisfies Chen: S(xy) = S(x) ⊗ S(y)', () => {
    fc.assert(
      fc.property(shapeAndPath(2, 12), fc.nat(), ({ shape, path }, cut) => {
        const { dimension, depth } = shape;
        const last = path.length / dimension - 1;
        const middle = cut % (last + 1);
        const product = chen(
          signature(slice(path, dimension, 0, middle), shape),
          signature(slice(path, dimension, middle, last), shape),
          shape,
        );
        expectClose(product, signature(path, shape), words(dimension, depth), variation(path, dimension));
      }),
    );
  });

  it('is inverted by reversing the path', () => {
    fc.assert(
      fc.property(shapeAndPath(1, 10), ({ shape, path }) => {
        const { dimension, depth } = shape;
        const product = chen(signature(path, shape), signature(reverse(path, dimension), shape), shape);
        const nothing = new Float64Array(signatureLength(dimension, depth));
        expectClose(product, nothing, words(dimension, depth), 2 * variation(path, dimension));
      }),
    );
  });

  it('satisfies the shuffle identity: S(u) S(v) = Σ S(w) over the shuffles w of u and v', () => {
    fc.assert(
      fc.property(shapeAndPath(2, 10), fc.nat(), fc.nat(), ({ shape, path }, one, other) => {
        const { dimension, depth } = shape;
        fc.pre(depth >= 2);
        const labels = words(dimension, depth);
        const coefficients = signature(path, shape);
        const at = (word: string) => coefficients[labels.indexOf(word)]!;
        const shorter = words(dimension, depth - 1);
        const u = shorter[one % shorter.length]!;
        const rest = words(dimension, depth - u.length);
        const v = rest[other % rest.length]!;
        const sum = shuffles(u, v).reduce((total, word) => total + at(word), 0);
        const size = variation(path, dimension) ** (u.length + v.length);
        expect(Math.abs(at(u) * at(v) - sum)).toBeLessThanOrEqual(1e-13 * size + 1e-300);
      }),
      { numRuns: 500 },
    );
  });

  it('to a lesser depth is the beginning of the deeper one', () => {
    fc.assert(
      fc.property(shapeAndPath(1, 8), ({ shape, path }) => {
        const deepest = signature(path, { ...shape, depth: 5 });
        expectEqual(
          signature(path, shape),
          deepest.subarray(0, signatureLength(shape.dimension, shape.depth)),
        );
      }),
    );
  });
});

describe('the signature and the log-signature', () => {
  it('scale by the product of the factors of the letters', () => {
    const powers = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 4, maxLength: 4 });
    const signs = fc.array(fc.constantFrom(-1, 1), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(shapeAndPath(1, 10, exactPaths), powers, signs, ({ shape, path }, exponents, sign) => {
        // Powers of two, so that scaling is exact.
        const factors = exponents.map((exponent, a) => sign[a]! * 2 ** exponent);
        const scaled = scale(path, factors, shape);
        const factor = (labels: readonly string[]) => (value: number, i: number) =>
          value * wordFactor(labels[i]!, factors);
        const { dimension, depth } = shape;
        expectEqual(signature(scaled, shape), signature(path, shape).map(factor(words(dimension, depth))));
        expectEqual(
          logSignature(scaled, shape),
          logSignature(path, shape).map(factor(lyndonWords(dimension, depth))),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('do not depend on where the path is', () => {
    const shifts = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(shapeAndPath(1, 10, exactPaths), shifts, ({ shape, path }, shift) => {
        const moved = path.map((value, k) => value + shift[k % shape.dimension]!);
        expectEqual(signature(moved, shape), signature(path, shape));
        expectEqual(logSignature(moved, shape), logSignature(path, shape));
        const sliding = { ...shape, window: 3 };
        expectEqual(slidingLogSignatures(moved, sliding), slidingLogSignatures(path, sliding));
      }),
    );
  });

  it('do not depend on points inserted on a segment', () => {
    fc.assert(
      fc.property(
        shapeAndPath(2, 8),
        fc.nat(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ shape, path }, n, t) => {
          const { dimension, depth } = shape;
          const at = n % (path.length / dimension - 1);
          const p = slice(path, dimension, at, at);
          const inserted = p.map((value, a) => value + t * (path[(at + 1) * dimension + a]! - value));
          const cut = (at + 1) * dimension;
          const longer = Float64Array.of(...path.subarray(0, cut), ...inserted, ...path.subarray(cut));
          const v = variation(path, dimension);
          expectClose(signature(longer, shape), signature(path, shape), words(dimension, depth), v);
          expectClose(
            logSignature(longer, shape),
            logSignature(path, shape),
            lyndonWords(dimension, depth),
            v,
          );
          // A pause changes nothing at all.
          const paused = Float64Array.of(...path.subarray(0, cut), ...p, ...path.subarray(cut));
          expectEqual(signature(paused, shape), signature(path, shape));
          expectEqual(logSignature(paused, shape), logSignature(path, shape));
        },
      ),
    );
  });

  it('of a single point are zero', () => {
    fc.assert(
      fc.property(shapeAndPath(1, 1), ({ shape, path }) => {
        expect(signature(path, shape).every((value) => Object.is(value, 0))).toBe(true);
        const dirty = new Float64Array(lyndonWords(shape.dimension, shape.depth).length).fill(7);
        expect(logSignature(path, { ...shape, out: dirty }).every((value) => Object.is(value, 0))).toBe(true);
      }),
    );
  });
});

describe('the log-signature', () => {
  it('turns its sign with time', () => {
    fc.assert(
      fc.property(shapeAndPath(1, 12), ({ shape, path }) => {
        const { dimension, depth } = shape;
        const forth = logSignature(path, shape);
        const back = logSignature(reverse(path, dimension), shape);
        expectClose(
          back,
          forth.map((value) => -value),
          lyndonWords(dimension, depth),
          variation(path, dimension),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('of a straight line is its increment, and nothing beyond level 1', () => {
    fc.assert(
      fc.property(
        shapeAndPath(1, 1),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 }),
        ({ shape, path: direction }, times) => {
          const { dimension, depth } = shape;
          const line = Float64Array.from(
            times.sort().flatMap((t) => Array.from(direction, (value) => t * value)),
          );
          const labels = lyndonWords(dimension, depth);
          const step = chord(line, dimension);
          const want = labels.map((word) => (word.length === 1 ? step[Number(word) - 1]! : 0));
          // The points lie on the line only to rounding, so the scale is the line from 0, not the part walked.
          const v = direction.reduce((sum, value) => sum + Math.abs(value), 0);
          expectClose(logSignature(line, shape), want, labels, v);
        },
      ),
    );
  });
});
