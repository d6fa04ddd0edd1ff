import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  genericLogSignature,
  genericSlidingLogSignatures,
} from '../../../lambdas/domain/signature/generic.ts';
import {
  logSignature,
  logSignatureLength,
  lyndonWords,
  slidingLogSignatures,
} from '../../../lambdas/domain/signature/index.ts';
import { tensorShape } from '../../../lambdas/domain/signature/words.ts';
import { expectClose, paths, type Shape, shapes, slice, variation } from './paths.ts';

const PLANAR = { dimension: 2, depth: 4 };
const planarShape = tensorShape(2, 4);

/** Asserts that each row is the log-signature of its window alone, to the window's own scale. */
function expectRows(rows: Float64Array, path: Float64Array, shape: Shape, window: number): void {
  const length = logSignatureLength(shape.dimension, shape.depth);
  const count = Math.max(0, path.length / shape.dimension - window + 1);
  expect(rows.length).toBe(count * length);
  for (let i = 0; i < count; i++) {
    const points = slice(path, shape.dimension, i, i + window - 1);
    const want = new Float64Array(length);
    genericLogSignature(points, tensorShape(shape.dimension, shape.depth), want);
    const got = rows.subarray(i * length, (i + 1) * length);
    expectClose(got, want, lyndonWords(shape.dimension, shape.depth), variation(points, shape.dimension));
  }
}

describe('sliding log-signatures', () => {
  it('are those of each window, for every shape and window', () => {
    const inputs = shapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        path: paths(shape.dimension, 1, 18),
        window: fc.integer({ min: 2, max: 19 }),
      }),
    );
    fc.assert(
      fc.property(inputs, ({ shape, path, window }) => {
        expectRows(slidingLogSignatures(path, { ...shape, window }), path, shape, window);
      }),
      { numRuns: 150 },
    );
  });

  it('are the same in the fast and in the generic implementation, whatever `out` held before', () => {
    fc.assert(
      fc.property(paths(2, 2, 60), fc.integer({ min: 2, max: 30 }), (path, window) => {
        const length = 8 * Math.max(0, path.length / 2 - window + 1);
        const out = new Float64Array(length).fill(Number.NaN);
        expect(slidingLogSignatures(path, { ...PLANAR, window, out })).toBe(out);
        const generic = new Float64Array(length);
        if (length > 0) genericSlidingLogSignatures(path, planarShape, window, generic);
        expectRows(out, path, PLANAR, window);
        expectRows(generic, path, PLANAR, window);
      }),
    );
  });

  it('of the whole path are its log-signature', () => {
    fc.assert(
      fc.property(paths(2, 2, 40), (path) => {
        const whole = logSignature(path, PLANAR);
        expect(slidingLogSignatures(path, { ...PLANAR, window: path.length / 2 })).toEqual(whole);
        const generic = new Float64Array(8);
        genericLogSignature(path, planarShape, generic);
        expectClose(whole, generic, lyndonWords(2, 4), variation(path, 2));
      }),
    );
  });

  it('keep no trace of a spike in the windows after it', () => {
    for (const shape of [PLANAR, { dimension: 3, depth: 4 }]) {
      const { dimension } = shape;
      const path = Float64Array.from(
        { length: 60 * dimension },
        (_, k) => Math.sin(k * k) + (k % dimension === 0 ? k : 0),
      );
      for (let a = 0; a < dimension; a++) path[20 * dimension + a] = 1e9;
      // Within 1e-13 of each window's own variation, of which 1e9 is no part from row 21 on.
      expectRows(slidingLogSignatures(path, { ...shape, window: 7 }), path, shape, 7);
    }
  });

  it('are exact for days and values far from zero', () => {
    const series = (day: number, value: number) =>
      Float64Array.from({ length: 80 }, (_, k) => (k % 2 === 0 ? day + k / 2 : value + ((k * k) % 13) / 16));
    const options = { ...PLANAR, window: 7 };
    expect(slidingLogSignatures(series(20_000, 1024), options)).toEqual(
      slidingLogSignatures(series(0, 0), options),
    );
  });

  it('are none when the path is shorter than the window', () => {
    expect(slidingLogSignatures(Float64Array.of(1, 2, 3, 4), { ...PLANAR, window: 3 })).toEqual(
      new Float64Array(0),
    );
    expect(slidingLogSignatures(Float64Array.of(1, 2, 3), { dimension: 3, depth: 2, window: 2 }).length).toBe(
      0,
    );
  });
});

describe('the planar log-signature', () => {
  it('has the moments of a corner: log(exp(a e1) exp(b e2)) by Baker, Campbell and Hausdorff', () => {
    const [a, b] = [3, 5];
    const got = logSignature(Float64Array.of(0, 0, a, 0, a, b), PLANAR);
    const want = [a, b, (a * b) / 2, (a * a * b) / 12, (a * b * b) / 12, 0, (a * a * b * b) / 24, 0];
    expectClose(got, want, lyndonWords(2, 4), a + b);
  });

  it('has the moments of a closed square: its area, centroid and second moments about its start', () => {
    const got = logSignature(Float64Array.of(0, 0, 1, 0, 1, 1, 0, 1, 0, 0), PLANAR);
    expectClose(got, [0, 0, 1, 1 / 2, -1 / 2, 1 / 6, -1 / 4, 1 / 6], lyndonWords(2, 4), 4);
  });
});
