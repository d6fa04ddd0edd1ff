import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareCodePoints } from '../../../lambdas/domain/report/order.ts';

describe('order by code point', () => {
  it('puts characters beyond U+FFFF last, unlike the order of UTF-16 units', () => {
    const [private_, emoji] = ['\u{E000}', '\u{1F600}'];
    expect(emoji < private_).toBe(true);
    expect(compareCodePoints(private_, emoji)).toBeLessThan(0);
    expect(compareCodePoints('\u{FFFD}', '\u{10000}')).toBeLessThan(0);
  });

  it('is the order of UTF-8 bytes', () => {
    const letters = fc.constantFrom(
      'a',
      'b',
      'é',
      '\u{D7FF}',
      '\u{E000}',
      '\u{FFFF}',
      '\u{10000}',
      '\u{1F600}',
      '\u{10FFFF}',
    );
    const text = fc.oneof(
      fc.array(letters, { maxLength: 4 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 1000 },
    );
  });
});
