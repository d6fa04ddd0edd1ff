import { hash } from 'node:crypto';

/** Crockford's base 32, in order of code points, so that ids sort as the numbers do. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
const SEED_DIGITS = 16;

/** The id of a job: `job_` and a ULID. @param time milliseconds since the epoch */
export function jobIdOf(time: number, seed: string): string {
  return idOf('job', time, seed);
}

/**
 * An id of something: its prefix and a ULID whose random part is a hash, so that the same event or request names the
 * same thing however often it is delivered.
 *
 * @param time milliseconds since the epoch, which ids sort by
 */
export function idOf(prefix: string, time: number, seed: string): string {
  const digest = hash('sha256', seed, 'buffer');
  let digits = '';
  for (const byte of digest.subarray(0, SEED_DIGITS)) digits += DIGITS[byte % 32] ?? '';
  return `${prefix}_${timeDigits(time)}${digits}`;
}

/** The first digits of ids of a time. */
export function timeDigits(time: number): string {
  let rest = Math.floor(time);
  let digits = '';
  for (let i = 0; i < TIME_DIGITS; i++) {
    digits = (DIGITS[rest % 32] ?? '') + digits;
    rest = Math.floor(rest / 32);
  }
  return digits;
}
