import type { ItemSeries } from './item-series.ts';

const MICROS = 1_000_000;
const FIGURES = 'ad_name,day,impressions,clicks';

/**
 * The first line of a history as CSV, which is read like any upload.
 *
 * @param currency ISO 4217; null without a column of spend
 */
export function historyHeader(currency: string | null): string {
  return currency === null ? `${FIGURES}\n` : `${FIGURES},amount_spent_${currency.toLowerCase()}\n`;
}

/** A line for each day of an item, every figure exact. @param withSpend whether there is a column of spend */
export function historyRows({ id, days, impressions, clicks, spendMicros }: ItemSeries, withSpend: boolean) {
  const name = `"${id.replaceAll('"', '""')}"`;
  const rows = days.map((day, i) => {
    const spend = withSpend ? `,${decimalOf(spendMicros?.[i] ?? 0)}` : '';
    return `${name},${day},${impressions[i]},${clicks[i]}${spend}\n`;
  });
  return rows.join('');
}

function decimalOf(micros: number): string {
  const fraction = micros % MICROS;
  return `${(micros - fraction) / MICROS}.${String(fraction).padStart(6, '0')}`;
}
