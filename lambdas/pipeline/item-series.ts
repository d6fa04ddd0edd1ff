import { formatDay } from '../domain/observation/day.ts';
import type { ItemDays } from '../domain/totals/item-days.ts';

/** Daily totals of one item as they are kept beside its result: parallel columns, days as `YYYY-MM-DD`, ascending. */
export interface ItemSeries {
  readonly id: string;
  readonly days: readonly string[];
  readonly impressions: readonly number[];
  readonly clicks: readonly number[];
  /** Millionths of a currency unit, so that every figure is exact; null without a spend column. */
  readonly spendMicros: readonly number[] | null;
}

/** An item's daily totals as one line of JSON. */
export function seriesLine({ id, days, impressions, clicks, spendMicros }: ItemDays): Uint8Array {
  const columns = [
    `"days":${JSON.stringify(Array.from(days, formatDay))}`,
    `"impressions":[${impressions.join(',')}]`,
    `"clicks":[${clicks.join(',')}]`,
    `"spendMicros":${spendMicros === null ? 'null' : `[${spendMicros.join(',')}]`}`,
  ];
  return Buffer.from(`{"id":${JSON.stringify(id)},${columns.join(',')}}\n`);
}

export function parseSeries(line: string): ItemSeries {
  const { id, days, impressions, clicks, spendMicros }: ItemSeries = JSON.parse(line);
  return { id, days, impressions, clicks, spendMicros };
}
