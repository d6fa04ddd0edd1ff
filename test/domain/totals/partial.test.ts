import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePartial } from '../../../lambdas/domain/totals/codec.ts';
import { mergePartials, type Partial } from '../../../lambdas/domain/totals/partial.ts';
import { csv, scanCut, scanWhole } from '../csv/inputs.ts';

const bytesOf = (partial: Partial) => Buffer.from(encodePartial(partial, 2)).toString('base64');
const pieces = csv.chain((bytes) =>
  fc.record({
    bytes: fc.constant(bytes),
    cuts: fc.array(fc.nat(bytes.length), { minLength: 2, maxLength: 5 }),
  }),
);

describe('merging partials', () => {
  it('is associative, commutative, and counts a second delivery once', async () => {
    await fc.assert(
      fc.asyncProperty(
        pieces,
        fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
        async ({ bytes, cuts }, order) => {
          const { partials } = await scanCut(bytes, cuts);
          const whole = bytesOf(await scanWhole(bytes));
          const shuffled = partials
            .map((partial, i) => ({ partial, key: order[i] ?? 0 }))
            .sort((a, b) => a.key - b.key);
          const folded = shuffled.reduce(
            (sum, { partial }) => mergePartials([sum, partial]),
            mergePartials([]),
          );
          expect(bytesOf(mergePartials([...partials, folded, partials[0]!]))).toBe(whole);
          const left = mergePartials(partials.slice(0, 2));
          const right = mergePartials(partials.slice(2));
          expect(bytesOf(mergePartials([left, right]))).toBe(whole);
          expect(bytesOf(mergePartials([right, left]))).toBe(whole);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('refuses overlapping guesses instead of counting rows twice', async () => {
    const bytes = Buffer.from(
      'ad,day,impressions,clicks\nA,2025-01-01,1,0\nA,2025-01-01,1,0\nA,2025-01-01,1,0\n',
    );
    const { partials } = await scanCut(bytes, []);
    const [piece] = partials;
    const shifted = { ...piece!, spans: [{ from: 30, to: 100, lines: 2 }] };
    expect(() => mergePartials([piece!, shifted])).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it('gives the first 20 refused rows of the input their lines and offsets, whatever the cut', async () => {
    const rows = Array.from({ length: 60 }, (_, i) =>
      i % 2 === 0 ? `"A\n${i}",2025-01-01,5,1` : `A,never,5,${i}`,
    );
    const text = `ad,day,impressions,clicks\n${rows.join('\n')}\n`;
    const { partials } = await scanCut(Buffer.from(text), [100, 333, 334, 700, 901]);
    const merged = mergePartials([...partials].reverse());
    const { samples, reasons } = merged.tallies[0].rejections;
    expect(Object.fromEntries(reasons)).toEqual({ bad_day: 30 });
    expect(samples).toHaveLength(20);
    for (const [i, { line, byteOffset, text: day }] of samples.entries()) {
      const row = `A,never,5,${2 * i + 1}\n`;
      expect(text.slice(byteOffset, byteOffset + row.length)).toBe(row);
      expect(line).toBe(text.slice(0, byteOffset).split('\n').length - 2);
      expect(day).toBe('never');
    }
  });
});
