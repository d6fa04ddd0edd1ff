import { expect, it } from 'vitest';
import { ctrSparkline } from '../../cli/terminal/sparkline.ts';
import type { ItemDays } from '../../lambdas/domain/totals/item-days.ts';

function item(days: readonly (readonly [day: number, impressions: number, clicks: number])[]): ItemDays {
  return {
    id: 'a',
    days: Int32Array.from(days, ([day]) => day),
    impressions: Float64Array.from(days, ([, impressions]) => impressions),
    clicks: Float64Array.from(days, ([, , clicks]) => clicks),
    spendMicros: null,
  };
}

const steady = (from: number, to: number, clicks: number) =>
  Array.from({ length: to - from }, (_, i) => [from + i, 1000, clicks] as const);

it('draws from zero: half the rate is half the height', () => {
  expect(ctrSparkline(item([...steady(0, 8, 40), ...steady(8, 16, 20)]), 4)).toBe('██▄▄');
  expect(ctrSparkline(item(steady(0, 30, 5)), 5)).toBe('█████');
});

it('weighs days by impressions, as a ratio of sums', () => {
  expect(
    ctrSparkline(
      item([
        [0, 1000, 80],
        [1, 100_000, 1000],
        [2, 1000, 80],
        [3, 1000, 80],
      ]),
      2,
    ),
  ).toBe('▂█');
});

it('spreads days by date and leaves gaps blank', () => {
  expect(ctrSparkline(item([...steady(100, 110, 10), ...steady(120, 130, 10)]), 3)).toBe('█ █');
  expect(ctrSparkline(item([[5, 1000, 10]]), 4)).toBe('█   ');
});

it('shows a day without clicks as the lowest block, one without impressions as nothing', () => {
  expect(
    ctrSparkline(
      item([
        [0, 1000, 0],
        [1, 1000, 10],
        [2, 0, 0],
      ]),
      3,
    ),
  ).toBe('▁█ ');
  expect(ctrSparkline(item(steady(0, 3, 0)), 3)).toBe('▁▁▁');
  expect(ctrSparkline(item([]), 3)).toBe('   ');
});
