/**
 * Exact numbers out of decimal text (analysis spec §1). Integers past 2^53 - 1 come back as 2^53: any total that holds
 * one is past the limit too, which is the error `overflow`, so no digit of them is ever reported.
 */

/** Totals past 2^53 - 1 are the error `overflow` (spec §2); sums saturate here on their way to it. */
export const SATURATED = 2 ** 53;

/** Longer numbers are cut to a power of ten of this length: far past every limit, and cheap to compute with. */
const MAX_DIGITS = 150;
const INTEGER = /^0*(\d+)$/;
const DECIMAL = /^0*(\d+)(?:\.(\d{1,6}))?$/;
const RATE = /^0*(\d+)(?:\.(\d+))?(%?)$/;

export function isNegative(text: string): boolean {
  return text.startsWith('-') && RATE.test(text.slice(1));
}

/** A non-negative integer, or null when the text is not `\d+`. */
export function parseInteger(text: string): bigint | null {
  const digits = INTEGER.exec(text)?.[1];
  return digits === undefined ? null : toBigInt(digits);
}

/** A decimal with up to six fractional digits as integer millionths, or null. */
export function parseMicros(text: string): number | null {
  const parts = DECIMAL.exec(text);
  if (!parts) return null;
  return saturate(toBigInt((parts[1] ?? '') + (parts[2] ?? '').padEnd(6, '0')));
}

function toBigInt(digits: string): bigint {
  return digits.length > MAX_DIGITS ? 10n ** BigInt(MAX_DIGITS) : BigInt(digits);
}

export function saturate(value: bigint): number {
  return value > BigInt(SATURATED) ? SATURATED : Number(value);
}

/** A click-through rate exactly as written: `digits / 10^scale`, divided by 100 where it carries a `%`. */
export interface Rate {
  readonly digits: bigint;
  readonly scale: number;
  readonly percentSign: boolean;
}

/** A rate such as `0.0234`, `2.34` or `2.34%`, or null. */
export function parseRate(text: string): Rate | null {
  const parts = RATE.exec(text);
  const [whole, fraction] = [parts?.[1] ?? '', parts?.[2] ?? ''];
  if (!parts || whole.length + fraction.length > MAX_DIGITS) return null;
  return { digits: BigInt(whole + fraction), scale: fraction.length, percentSign: parts[3] === '%' };
}

/** Whether an unsigned rate without a `%` exceeds 1, which makes its whole column a percentage (spec §1). */
export function exceedsOne(rate: Rate): boolean {
  return !rate.percentSign && rate.digits > 10n ** BigInt(rate.scale);
}

/** `round(rate × impressions)`, half up, computed on the decimal text without binary rounding (spec §1). */
export function clicksFromRate(rate: Rate, impressions: bigint, percentColumn: boolean): bigint {
  const scale = rate.scale + (rate.percentSign || percentColumn ? 2 : 0);
  const unit = 10n ** BigInt(scale);
  return (2n * rate.digits * impressions + unit) / (2n * unit);
}
