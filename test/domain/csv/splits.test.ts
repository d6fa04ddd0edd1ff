import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePartial } from '../../../lambdas/domain/totals/codec.ts';
import { mergePartials } from '../../../lambdas/domain/totals/partial.ts';
import { csv, scanCut, scanWhole } from './inputs.ts';

/** Each input is cut this many times; 2,500 inputs make 20,000 splits. */
const SPLITS = 8;
const cuts = fc.array(fc.nat(400), { maxLength: 6 });
/** Null leaves the guess to the scanner; a number forces it, mostly to something wrong. */
const guesses = fc.array(fc.option(fc.nat(450)), { maxLength: 7 });

describe('any split of an input', () => {
  it('gives the same bytes as no split, however wrong the guesses (20,000 splits)', async () => {
    let rescanned = 0;
    const split = fc.record({ cuts, guesses, order: fc.array(fc.nat(), { minLength: 7, maxLength: 7 }) });
    await fc.assert(
      fc.asyncProperty(
        csv,
        fc.array(split, { minLength: SPLITS, maxLength: SPLITS }),
        async (bytes, splits) => {
          const whole = encodePartial(await scanWhole(bytes), 3);
          for (const { cuts: edges, guesses: firsts, order } of splits) {
            const cut = await scanCut(bytes, edges, firsts);
            rescanned += cut.rescanned;
            const shuffled = cut.partials
              .map((partial, i) => ({ partial, key: order[i] ?? i }))
              .sort((a, b) => a.key - b.key)
              .map(({ partial }) => partial);
            expect(Buffer.compare(encodePartial(mergePartials(shuffled), 3), whole)).toBe(0);
          }
        },
      ),
      { numRuns: 2500 },
    );
    expect(rescanned).toBeGreaterThan(10_000);
  });

  it('is rarely guessed wrong: a file of quoted rows needs no second scan', async () => {
    const rows = Array.from(
      { length: 3000 },
      (_, i) => `"Ad, ""${i % 7}""\nsecond line",2025-01-${10 + (i % 20)},100,3,1.5`,
    );
    const bytes = Buffer.from(`ad_name,day,impressions,clicks,spend\n${rows.join('\n')}\n`);
    const { rescanned } = await scanCut(
      bytes,
      Array.from({ length: 200 }, (_, i) => 577 * i),
    );
    expect(rescanned).toBe(0);
  });
});
