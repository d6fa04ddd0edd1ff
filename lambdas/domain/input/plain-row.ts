import type { Columns } from '../observation/columns.ts';
import { type DayFormat, parseDay } from '../observation/day.ts';
import { SATURATED } from '../observation/decimal.ts';
import { type Observation, readItem } from '../observation/row.ts';

const MICROS = 1e6;
/** Below it, what a number times a million is off its exact product by rounding stays under a thousandth. */
const EXACT_SPEND = 2 ** 20;
/** Nearer than this to the middle of two integers, rounding could have chosen the other side. */
const CLEAR_OF_HALF = 0.49;
/** Days that are remembered by their text; a dataset has few, each many times. */
const MAX_DAYS = 4096;

/** Reads a row whose values are what they should be; null for every other, which says nothing about why. */
export type PlainRowReader = (fields: readonly unknown[]) => Observation | null;

/**
 * Reads rows of JSON as `readRow` reads their text, without the detour over text: names and days that are texts, counts and
 * spend that are numbers. It gives the same observation or none.
 */
export function plainRowReader({ index }: Columns, dayFormat: DayFormat | null): PlainRowReader {
  const days = new Map<string, number | null>();

  function dayOf(text: string): number | null {
    const known = days.get(text);
    if (known !== undefined) return known;
    const day = parseDay(text.trim(), dayFormat);
    if (days.size < MAX_DAYS) days.set(text, day);
    return day;
  }

  return (fields) => {
    const [item, day] = [fields[index.item], fields[index.day]];
    if (typeof item !== 'string' || typeof day !== 'string') return null;
    const impressions = countOf(fields[index.impressions]);
    const clicks = countOf(fields[index.clicks]);
    const spendMicros = index.spend < 0 ? 0 : microsOf(fields[index.spend]);
    if (impressions === null || clicks === null || spendMicros === null || clicks > impressions) return null;
    const named = readItem(item);
    const number = dayOf(day);
    if ('reason' in named || number === null) return null;
    return { item: named.id, day: number, impressions, clicks, spendMicros };
  };
}

/** A count whose decimal text is its digits, and which is exact. */
function countOf(value: unknown): number | null {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= SATURATED) return null;
  // −0 is written 0.
  return value + 0;
}

/**
 * The millionths of a number, as they would be read of its shortest text, or of its text rounded to six decimals: both are
 * the integer nearest to its millionfold, which is found without text unless that lies near the middle of two.
 */
function microsOf(value: unknown): number | null {
  if (typeof value !== 'number' || !(value >= 0 && value < EXACT_SPEND)) return null;
  const product = value * MICROS;
  const nearest = Math.round(product);
  return Math.abs(product - nearest) < CLEAR_OF_HALF ? nearest + 0 : null;
}
