import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCredential } from '../../lambdas/domain/access/credential.ts';
import {
  createToken,
  hashOf,
  isToken,
  shownPrefix,
  TEST_TOKEN,
  TOKEN_RANDOM_BYTES,
} from '../../lambdas/domain/access/token.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const random = fc.uint8Array({ minLength: TOKEN_RANDOM_BYTES, maxLength: TOKEN_RANDOM_BYTES });
const token = random.map(createToken);
const [START, SECRET_END] = [4, 36];

function replaced(text: string, at: number, by: string): string {
  return text.slice(0, at) + by + text.slice(at + 1);
}

describe('a token', () => {
  it('is cdt_, 32 random digits and 6 of their CRC-32', () => {
    fc.assert(
      fc.property(token, (text) => {
        expect(text).toMatch(/^cdt_[0-9A-Za-z]{38}$/);
        let checksum = 0;
        for (const digit of text.slice(SECRET_END)) checksum = checksum * 62 + BASE62.indexOf(digit);
        expect(checksum).toBe(crc32(text.slice(0, SECRET_END)));
        expect(isToken(text)).toBe(true);
      }),
    );
  });

  it('is made of all of its randomness', () => {
    const made = new Set(Array.from({ length: 500 }, () => createToken(randomBytes(TOKEN_RANDOM_BYTES))));
    expect(made.size).toBe(500);
    const digits = [...made].flatMap((text) => [...text.slice(START, SECRET_END)]);
    // 16,000 digits of 62 kinds: 258 of each, give or take 16.
    for (const digit of BASE62) {
      const count = digits.filter((one) => one === digit).length;
      expect(count, digit).toBeGreaterThan(258 - 6 * 16);
      expect(count, digit).toBeLessThan(258 + 6 * 16);
    }
    expect(() => createToken(new Uint8Array(TOKEN_RANDOM_BYTES - 1))).toThrow(RangeError);
  });

  it('is told from every text that differs in one character', () => {
    const text = createToken(Buffer.alloc(TOKEN_RANDOM_BYTES, 0xa7));
    for (let at = 0; at < text.length; at++) {
      for (const digit of `${BASE62}_-`.replace(text.charAt(at), ''))
        expect(isToken(replaced(text, at, digit)), `${at} ${digit}`).toBe(false);
    }
    fc.assert(
      fc.property(token, fc.nat(41), fc.constantFrom(...BASE62), (any, at, digit) => {
        expect(isToken(replaced(any, at, digit))).toBe(any.charAt(at) === digit);
      }),
    );
  });

  it('is told from every text with two characters exchanged, however far apart', () => {
    fc.assert(
      fc.property(token, (text) => {
        for (let i = START; i < text.length - 1; i++) {
          for (let j = i + 1; j < text.length; j++) {
            const exchanged = replaced(replaced(text, i, text.charAt(j)), j, text.charAt(i));
            if (exchanged !== text && isToken(exchanged)) throw new Error(`${text} ${i} ${j}`);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is told from one that is shorter, longer or of another kind', () => {
    const text = createToken(Buffer.alloc(TOKEN_RANDOM_BYTES, 1));
    for (const other of ['', text.slice(0, -1), `${text}0`, ` ${text}`, `${text}\n`, text.toUpperCase()])
      expect(isToken(other), other).toBe(false);
  });

  it('shows its first two digits, and is stored as its SHA-256', () => {
    expect(shownPrefix('cdt_4fK2mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm')).toBe('cdt_4f…');
    expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('an Authorization header', () => {
  const text = createToken(Buffer.alloc(TOKEN_RANDOM_BYTES, 2));

  it('brings a token or a JWT', () => {
    expect(readCredential(`Bearer ${text}`)).toEqual({ kind: 'token', token: text });
    expect(readCredential(`bearer  ${text} `)).toEqual({ kind: 'token', token: text });
    expect(readCredential(`Bearer ${TEST_TOKEN}`)).toEqual({ kind: 'token', token: TEST_TOKEN });
    expect(readCredential('Bearer eyJh.eyJz.c2ln')).toEqual({ kind: 'jwt', token: 'eyJh.eyJz.c2ln' });
  });

  it.each([
    '',
    'Bearer',
    'Bearer ',
    text,
    `Basic ${text}`,
    `Bearer ${text.slice(0, -1)}0`,
    `Bearer ${text} ${text}`,
    `Bearer ${text}é`,
    'Bearer a.b',
    'Bearer a.b.c.d',
    `Bearer a.${'b'.repeat(9000)}.c`,
  ])('brings nothing in %j', (header) => {
    expect(readCredential(header)).toBeNull();
  });
});
