import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { STAGE_NAMES } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { idleCost, total } from '../../lib/cost/idle-cost.ts';
import { PRICES, type Price } from '../../lib/cost/prices.ts';
import { costTable, priceList } from '../../lib/cost/table.ts';
import { synthesise } from './synthesis.ts';

const stages = STAGE_NAMES.map((stage) => ({
  stage,
  items: idleCost(synthesise(stage).stacks.map(({ template }) => template)),
}));

describe('an idle stage', () => {
  // When it does not, `npm run cost` prints the table to put there.
  it('costs what the README says', () => {
    const tables = readFileSync('README.md', 'utf8').match(/^\| idle, .*\n(\|.*\n)+/m);
    expect(tables?.[0].trim()).toBe(costTable(stages));
  });

  it.each(stages)('of $stage stays below the warning of its budget', ({ stage, items }) => {
    expect(total(items)).toBeLessThan(0.8 * loadStage(stage).budgetDollars);
    expect(total(items)).toBeGreaterThan(5);
  });
});

it('every price says of what it is, and since when where that is known', () => {
  const prices: [string, Price][] = Object.entries(PRICES);
  for (const [name, { dollars, per, asOf }] of prices) {
    expect(dollars).toBeGreaterThan(0);
    expect(priceList()).toMatch(new RegExp(`^${name}: .*, per ${per} \\(.*, ${asOf ?? 'undated'}\\)$`, 'm'));
    expect(asOf ?? '2026-01').toMatch(/^2026-\d\d(-\d\d)?$/);
  }
});
