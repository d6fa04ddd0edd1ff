import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What every token starts with, so that people and scanners of secrets know one when they see it. */
const PREFIX = 'cdt_';
/** In order of code points, as secret scanners of other vendors' tokens of this kind write numbers too. */
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_DIGITS = 32;
const CHECKSUM_DIGITS = 6;
/** Characters behind the prefix that a list of tokens shows. */
const SHOWN_DIGITS = 2;

/** Bytes of randomness that `createToken` wants: 256 bits, of which 32 digits keep 190. */
export const TOKEN_RANDOM_BYTES = 32;

/** The token that a local cloud knows; it has no checksum, and counts for nothing where no record of it is. */
export const TEST_TOKEN = 'test-token';

const TOKEN = new RegExp(`^${PREFIX}[0-9A-Za-z]{${SECRET_DIGITS + CHECKSUM_DIGITS}}$`);

/**
 * A new token: `cdt_`, 32 random digits of base 62, and 6 of their checksum.
 *
 * @param random `TOKEN_RANDOM_BYTES` bytes nobody can guess
 * @throws RangeError when there are fewer: a programming error
 */
export function createToken(random: Uint8Array): string {
  if (random.length < TOKEN_RANDOM_BYTES)
    throw new RangeError(`A token needs ${TOKEN_RANDOM_BYTES} random bytes.`);
  // The remainder of so large a number is as good as evenly spread: off by less than 2⁻⁶⁵.
  const secret = `${PREFIX}${base62(BigInt(`0x${Buffer.from(random).toString('hex')}`), SECRET_DIGITS)}`;
  return `${secret}${checksumOf(secret)}`;
}

/**
 * Whether a text can be a token at all. A mistyped or made-up one is told without asking a store: every change of one
 * character and every exchange of two in the random part changes the checksum, and 1 in 4 billion others has the right one.
 */
export function isToken(text: string): boolean {
  if (text === TEST_TOKEN) return true;
  if (!TOKEN.test(text)) return false;
  return checksumOf(text.slice(0, -CHECKSUM_DIGITS)) === text.slice(-CHECKSUM_DIGITS);
}

/** What is stored of a token: SHA-256 in hexadecimal. Its 190 random bits make a salt or a slow hash needless. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** What a list shows of a token, enough to tell one's own apart: `cdt_4f…`. */
export function shownPrefix(token: string): string {
  return token === TEST_TOKEN ? token : `${token.slice(0, PREFIX.length + SHOWN_DIGITS)}…`;
}

/**
 * CRC-32 of a token's prefix and secret, as 6 digits. A cyclic redundancy check rather than a part of a hash: it is
 * proven to notice any error within 32 bits in a row, thus any changed character; and since its polynomial is
 * primitive, any two exchanged ones. Scanners of secrets know it from other vendors' tokens. It protects nothing.
 */
function checksumOf(secret: string): string {
  return base62(BigInt(crc32(secret)), CHECKSUM_DIGITS);
}

/** The last digits of a number in base 62. */
function base62(value: bigint, digits: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < digits; i++) {
    text = (BASE62[Number(rest % 62n)] ?? '') + text;
    rest /= 62n;
  }
  return text;
}
