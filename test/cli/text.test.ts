import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, harmless, pad, truncate } from '../../cli/terminal/text.ts';

describe('harmless', () => {
  it.each([
    ['\u001B[31mred\u001B[0m', '\\x1b[31mred\\x1b[0m'],
    ['\u009B2J', '\\x9b2J'],
    ['title\u001B]0;owned\u0007', 'title\\x1b]0;owned\\x07'],
    ['a\rb', 'a\\x0db'],
    ['two\nlines', 'two↵lines'],
    ['two\r\nlines', 'two↵lines'],
    ['a\tb', 'a\\x09b'],
    ['safe\u202Etxt.exe', 'safe\\u{202e}txt.exe'],
    ['a\u2028b', 'a\\u{2028}b'],
    ['half \uD83D pair', 'half \\u{d83d} pair'],
    ['\u0301mark first', '◌\u0301mark first'],
  ])('defuses %j', (text, shown) => {
    expect(harmless(text)).toBe(shown);
  });

  it.each(['Été à Paris', '👩‍👩‍👧 Family', 'قصة المؤسس', '春の新作', 'हमारी कहानी', '🇬🇧', '=SALE="x", 5%'])(
    'leaves %s alone',
    (text) => {
      expect(harmless(text)).toBe(text);
    },
  );

  it('leaves nothing that a terminal obeys, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(harmless(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u);
      }),
    );
  });
});

describe('widths', () => {
  it.each([
    ['plain', 5],
    ['春の新作', 8],
    ['E\u0301te\u0301', 3],
    ['👩‍👩‍👧', 2],
    ['วิดีโอ', 4],
  ])('of %s', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('fills up to columns, not characters', () => {
    expect(pad('春', 5, 'left')).toBe('春   ');
    expect(pad('9', 3, 'right')).toBe('  9');
    expect(pad('too long', 3, 'left')).toBe('too long');
  });

  it('cuts between grapheme clusters and says so', () => {
    expect(truncate('short', 5)).toBe('short');
    expect(truncate('longer', 5)).toBe('long…');
    expect(truncate('春の新作', 6)).toBe('春の…');
    expect(truncate('x👩‍👩‍👧👩‍👩‍👧', 4)).toBe('x👩‍👩‍👧…');
    expect(truncate('one two', 5)).toBe('one…');
  });

  it('never exceeds the width it was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        expect(displayWidth(truncate(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});
