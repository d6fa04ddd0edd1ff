import { formatDay } from '../domain/observation/day.ts';
import type { ItemDays } from '../domain/totals/item-days.ts';

/** An item's daily totals as one line of JSON, an `ItemSeries`. */
export function seriesLine({ id, days, impressions, clicks, spendMicros }: ItemDays): Uint8Array {
  const columns = [
    `"days":${JSON.stringify(Array.from(days, formatDay))}`,
    `"impressions":[${impressions.join(',')}]`,
    `"clicks":[${clicks.join(',')}]`,
    `"spendMicros":${spendMicros === null ? 'null' : `[${spendMicros.join(',')}]`}`,
  ];
  return Buffer.from(`${lineStart(id)},${columns.join(',')}}\n`);
}

/** Whether a line holds the daily totals of an item. */
export function isSeriesOf(id: string, line: string): boolean {
  return line.startsWith(`${lineStart(id)},`);
}

/** Ids come first, so that a line need not be parsed to see whose it is. */
function lineStart(id: string): string {
  return `{"id":${JSON.stringify(id)}`;
}
