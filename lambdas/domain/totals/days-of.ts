import { parseDay } from '../observation/day.ts';
import type { ItemDays } from './item-days.ts';
import type { ItemSeries } from './item-series.ts';

/** Daily totals read back. @throws RangeError for what is no day: it was not written by us */
export function daysOf({ id, days, impressions, clicks, spendMicros }: ItemSeries): ItemDays {
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
