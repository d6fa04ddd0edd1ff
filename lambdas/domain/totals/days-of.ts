import { parseDay } from '../observation/day.ts';
import type { ItemDays } from './item-days.ts';

/** Daily totals as they are written down: days as `YYYY-MM-DD`, everything in plain lists. */
export interface WrittenDays {
  readonly id: string;
  readonly days: readonly string[];
  readonly impressions: readonly number[];
  readonly clicks: readonly number[];
  /** Millionths of a currency unit; null without a spend column. */
  readonly spendMicros: readonly number[] | null;
}

/** Daily totals read back. @throws RangeError for what is no day: it was not written by us */
export function daysOf({ id, days, impressions, clicks, spendMicros }: WrittenDays): ItemDays {
  return {
    id,
    days: Int32Array.from(days, dayOf),
    impressions: Float64Array.from(impressions),
    clicks: Float64Array.from(clicks),
    spendMicros: spendMicros === null ? null : Float64Array.from(spendMicros),
  };
}

function dayOf(text: string): number {
  const day = parseDay(text, null);
  if (day === null) throw new RangeError(`${JSON.stringify(text)} is no day.`);
  return day;
}
