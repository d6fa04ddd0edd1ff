import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  genericLogSignature,
  genericSlidingLogSignatures,
} from '../../../lambdas/domain/signature/generic.ts';
import {
  logSignature,
  logSignatureLength,
  lyndonWords,
  signature,
  slidingLogSignatures,
} from '../../../lambdas/domain/signature/index.ts';
import { tensorShape } from '../../../lambdas/domain/signature/words.ts';
import { expectClose, slice, variation, words } from './paths.ts';

interface Golden {
  lyndonWords: Record<string, string[]>;
  cases: {
    name: string;
    d: number;
    variation: number;
    path: number[][];
    results: Record<string, { sigExact: number[]; logsigExact: number[] }>;
  }[];
  sliding: {
    name: string;
    d: number;
    depth: number;
    window: number;
    series: number[][];
    logsig: number[][];
    sigFirst: number[];
    sigLast: number[];
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../golden/signature-golden.json', import.meta.url), 'utf8'),
);

describe('signatures of the golden file, within its suggested tolerance', () => {
  it('has all its cases', () => {
    expect(golden.cases.length).toBe(111);
    expect(golden.sliding.length).toBe(7);
  });

  for (const { name, d, path: points, variation: v, results } of golden.cases) {
    it(`${name}, dimension ${d}`, () => {
      const path = Float64Array.from(points.flat());
      for (const [key, { sigExact, logsigExact }] of Object.entries(results)) {
        const options = { dimension: d, depth: Number(key) };
        const lyndon = lyndonWords(d, options.depth);
        expectClose(signature(path, options), sigExact, words(d, options.depth), v, { factorial: true });
        expectClose(logSignature(path, options), logsigExact, lyndon, v);
        const generic = new Float64Array(lyndon.length);
        genericLogSignature(path, tensorShape(d, options.depth), generic);
        expectClose(generic, logsigExact, lyndon, v);
        if (!name.startsWith('rand:')) continue;
        expectRelative(signature(path, options), sigExact, words(d, options.depth));
        expectRelative(logSignature(path, options), logsigExact, lyndon);
      }
    });
  }

  for (const { name, d, depth, window, series, logsig, sigFirst, sigLast } of golden.sliding) {
    it(`${name}, ${series.length} points`, () => {
      const path = Float64Array.from(series.flat());
      const options = { dimension: d, depth, window };
      const length = logSignatureLength(d, depth);
      const rows = slidingLogSignatures(path, options);
      const generic = new Float64Array(rows.length);
      genericSlidingLogSignatures(path, tensorShape(d, depth), window, generic);
      expect(rows.length).toBe(logsig.length * length);
      for (const [i, row] of logsig.entries()) {
        const v = variation(slice(path, d, i, i + window - 1), d);
        const cut = [i * length, (i + 1) * length] as const;
        expectClose(rows.subarray(...cut), row, lyndonWords(d, depth), v);
        expectClose(generic.subarray(...cut), row, lyndonWords(d, depth), v);
      }
      for (const [from, want] of [[0, sigFirst] as const, [series.length - window, sigLast] as const]) {
        const points = slice(path, d, from, from + window - 1);
        expectClose(signature(points, options), want, words(d, depth), variation(points, d), {
          factorial: true,
        });
      }
    });
  }
});

describe('Lyndon words', () => {
  for (const [key, want] of Object.entries(golden.lyndonWords)) {
    it(`of dimension and depth ${key} are in the golden order`, () => {
      const [dimension, depth] = key.split(',').map(Number);
      expect(lyndonWords(dimension!, depth!)).toEqual(want);
    });
  }
});

/** Within 1e-10 of the largest coefficient of each level that does not vanish (all but the first do on a segment). */
function expectRelative(got: Float64Array, want: number[], labels: readonly string[]): void {
  for (const level of new Set(labels.map((word) => word.length))) {
    const of = labels.flatMap((word, i) => (word.length === level ? [i] : []));
    const size = Math.max(...of.map((i) => Math.abs(want[i]!)));
    if (size === 0) continue;
    for (const i of of) expect(Math.abs(got[i]! - want[i]!)).toBeLessThanOrEqual(1e-10 * size);
  }
}
