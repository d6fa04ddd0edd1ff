import { COST_LINES } from './charges.ts';
import { type CostItem, total } from './idle-cost.ts';
import { PRICED_REGION, PRICES, type Price } from './prices.ts';

export interface StageCost {
  readonly stage: string;
  readonly items: readonly CostItem[];
}

/** The bills of idle stages side by side, as a table of Markdown, in whole dollars; a line that is nothing everywhere is left out. */
export function costTable(stages: readonly StageCost[]): string {
  const lines = COST_LINES.map((line) => ({
    line,
    dollars: stages.map(({ items }) => items.find((item) => item.line === line)?.dollars ?? 0),
  })).filter(({ dollars }) => dollars.some((each) => each > 0));
  return [
    row(['idle, $ a month', ...stages.map(({ stage }) => stage)]),
    `|---|${stages.map(() => '---:|').join('')}`,
    ...lines.map(({ line, dollars }) => row([line, ...dollars.map(wholeDollars)])),
    row(['**together**', ...stages.map(({ items }) => `**${wholeDollars(total(items))}**`)]),
  ].join('\n');
}

/** The prices behind it, a line each, with what is known of where they come from. */
export function priceList(): string {
  const prices: [string, Price][] = Object.entries(PRICES);
  return [
    `Prices of ${PRICED_REGION}, before free tiers:`,
    ...prices.map(([name, { dollars, per, asOf, source }]) => {
      const amount = dollars < 0.0001 ? `${+(dollars * 1e6).toFixed(4)} per million` : `${dollars}`;
      return `${name}: ${amount}, per ${per} (${source}, ${asOf ?? 'undated'})`;
    }),
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function wholeDollars(dollars: number): string {
  if (dollars === 0) return '–';
  return dollars < 0.5 ? '< 1' : Math.round(dollars).toLocaleString('en-GB');
}
