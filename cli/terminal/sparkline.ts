import type { ItemDays } from '../../lambdas/domain/totals/item-days.ts';

const LEVELS = '▁▂▃▄▅▆▇█';

/**
 * The CTR of an item over its period as a row of `cells` blocks. Each cell is clicks / impressions over an equal share
 * of the period, drawn from zero so that a third less looks like a third less; a cell without impressions is blank.
 */
export function ctrSparkline(item: ItemDays, cells: number): string {
  const { days, impressions, clicks } = item;
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) return ' '.repeat(cells);

  const shown = new Float64Array(cells);
  const clicked = new Float64Array(cells);
  for (const [i, day] of days.entries()) {
    const cell = Math.floor(((day - first) * cells) / (last - first + 1));
    shown[cell] = (shown[cell] ?? 0) + (impressions[i] ?? 0);
    clicked[cell] = (clicked[cell] ?? 0) + (clicks[i] ?? 0);
  }
  const rates = Array.from(clicked, (count, cell) => (shown[cell] ? count / (shown[cell] ?? 1) : null));
  const highest = rates.reduce<number>((most, rate) => Math.max(most, rate ?? 0), 0);
  return rates.map((rate) => (rate === null ? ' ' : block(rate, highest))).join('');
}

function block(rate: number, highest: number): string {
  const level = highest === 0 ? 0 : Math.max(0, Math.ceil((rate / highest) * LEVELS.length) - 1);
  return LEVELS[level] ?? ' ';
}
