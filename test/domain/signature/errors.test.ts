import { describe, expect, it } from 'vitest';
import { AnalysisError } from '../../../lambdas/domain/errors.ts';
import {
  chen,
  logSignature,
  logSignatureLength,
  lyndonWords,
  signature,
  signatureLength,
  slidingLogSignatures,
} from '../../../lambdas/domain/signature/index.ts';

const path = Float64Array.of(0, 0, 1, 2, 3, 1, 4, 4);
const shape = { dimension: 2, depth: 4 };

function refusal(run: () => unknown): AnalysisError {
  try {
    run();
  } catch (error) {
    if (error instanceof AnalysisError) return error;
    throw error;
  }
  return expect.fail('accepted');
}

function expectRefused(run: () => unknown, message: RegExp): void {
  const error = refusal(run);
  expect(error.code).toBe('invalid_request');
  expect(error.message).toMatch(message);
  expect(error.remedy).not.toBeNull();
}

/** Every function of a path, with the window where it needs one. */
const functions = [
  signature,
  logSignature,
  (p: Float64Array, o: typeof shape) => slidingLogSignatures(p, { window: 3, ...o }),
];

describe('a path is refused', () => {
  for (const run of functions) {
    it('without points', () => expectRefused(() => run(new Float64Array(0), shape), /no points/));
    it('with half a point', () =>
      expectRefused(() => run(path.subarray(0, 7), shape), /7 numbers.*multiple.*2/));
    it('that is no Float64Array', () => {
      expectRefused(() => Reflect.apply(run, undefined, [[0, 0, 1, 2], shape]), /not a Float64Array/);
    });
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const at of [0, 5, 7]) {
        it(`with ${bad} at index ${at}`, () => {
          const broken = path.slice();
          broken[at] = bad;
          for (const depth of [2, 4])
            expectRefused(() => run(broken, { dimension: 2, depth }), new RegExp(`${bad} at index ${at}`));
        });
      }
    }
  }
});

describe('dimension, depth and window are refused', () => {
  for (const run of [...functions, (_: Float64Array, o: typeof shape) => chen(path, path, o)]) {
    for (const dimension of [1, 5, 2.5, Number.NaN, 0, -2]) {
      it(`dimension ${dimension}`, () =>
        expectRefused(() => run(path, { dimension, depth: 2 }), /dimension/));
    }
    for (const depth of [0, 6, 1.5, Number.NaN, -1]) {
      it(`depth ${depth}`, () => expectRefused(() => run(path, { dimension: 2, depth }), /depth/));
    }
  }
  for (const lengths of [signatureLength, logSignatureLength, lyndonWords]) {
    it(`by ${lengths.name} too`, () => {
      expectRefused(() => lengths(1, 2), /dimension/);
      expectRefused(() => lengths(2, 6), /depth/);
    });
  }
  for (const window of [1, 0, -7, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`window ${window}`, () =>
      expectRefused(() => slidingLogSignatures(path, { ...shape, window }), /window/));
  }
});

describe('`out` is refused', () => {
  it('with another length than the result', () => {
    for (const length of [0, 7, 9]) {
      expectRefused(() => logSignature(path, { ...shape, out: new Float64Array(length) }), /`out` has/);
    }
    expectRefused(() => signature(path, { ...shape, out: new Float64Array(8) }), /`out` has 8/);
    expectRefused(
      () => slidingLogSignatures(path, { ...shape, window: 3, out: new Float64Array(8) }),
      /`out` has 8/,
    );
    expectRefused(
      () => slidingLogSignatures(path, { ...shape, window: 5, out: new Float64Array(8) }),
      /`out` has 8/,
    );
    const one = new Float64Array(30);
    expectRefused(() => chen(one, one, { ...shape, out: new Float64Array(31) }), /`out` has 31/);
  });

  it('unless it fits, and is then the result', () => {
    const out = new Float64Array(30);
    expect(signature(path, { ...shape, out })).toBe(out);
    expect(out).toEqual(signature(path, shape));
    const short = new Float64Array(16);
    expect(slidingLogSignatures(path, { ...shape, window: 3, out: short })).toBe(short);
    expect(short).toEqual(slidingLogSignatures(path, { ...shape, window: 3 }));
    expect(chen(signature(path, shape), new Float64Array(30), { ...shape, out })).toEqual(
      signature(path, shape),
    );
  });
});

describe('a signature given to chen is refused', () => {
  const good = new Float64Array(30);
  it('with the wrong length', () => {
    expectRefused(() => chen(new Float64Array(29), good, shape), /first signature has 29/);
    expectRefused(() => chen(good, new Float64Array(31), shape), /second signature has 31/);
  });
  it('with numbers that are not finite', () => {
    expectRefused(() => chen(good, good.with(3, Number.NaN), shape), /second signature holds NaN at index 3/);
  });
});

describe('lengths', () => {
  it('are those of the tensor algebra and, by Witt, of the free Lie algebra', () => {
    expect([2, 3, 4].map((d) => signatureLength(d, 5))).toEqual([62, 363, 1364]);
    expect([1, 2, 3, 4, 5].map((depth) => logSignatureLength(2, depth))).toEqual([2, 3, 5, 8, 14]);
    expect([1, 2, 3, 4, 5].map((depth) => logSignatureLength(3, depth))).toEqual([3, 6, 14, 32, 80]);
    expect([1, 2, 3, 4, 5].map((depth) => logSignatureLength(4, depth))).toEqual([4, 10, 30, 90, 294]);
    expect(lyndonWords(2, 4)).toEqual(['1', '2', '12', '112', '122', '1112', '1122', '1222']);
  });
});
