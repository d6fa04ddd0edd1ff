import { describe, expect, it } from 'vitest';
import { metricSeries, ratio, sumsOf } from '../../../lambdas/domain/assess/series.ts';
import { FIRST_DAY, itemOf, seriesOf } from './builders.ts';

describe('metric series', () => {
  const days = [
    { impressions: 1000, clicks: 20, spend: 10 },
    { impressions: 0, clicks: 0, spend: 0 },
    { impressions: 500, clicks: 0, spend: 3 },
    { impressions: 400, clicks: 3, spend: 0.000001, after: 4 },
  ];

  it('hold CTR on days with impressions', () => {
    const { days: x, values, clicks, exposure } = seriesOf(days, 'ctr');
    expect([...x]).toEqual([FIRST_DAY, FIRST_DAY + 2, FIRST_DAY + 6]);
    expect([...values]).toEqual([20 / 1000, 0, 3 / 400]);
    expect([...clicks]).toEqual([20, 0, 3]);
    expect([...exposure]).toEqual([1000, 500, 400]);
  });

  it('hold CPC, in one division, on days with clicks', () => {
    const { days: x, values, exposure } = seriesOf(days, 'cpc');
    expect([...x]).toEqual([FIRST_DAY, FIRST_DAY + 6]);
    expect([...values]).toEqual([10_000_000 / 20_000_000, 1 / 3_000_000]);
    expect([...exposure]).toEqual([10_000_000, 1]);
  });

  it('have no CPC without a spend column', () => {
    expect(metricSeries(itemOf([{ impressions: 10, clicks: 1 }]), 'cpc')).toBeNull();
  });

  it('are the same whether or not a day without figures is among them', () => {
    const [full, gappy] = [
      [days[0]!, days[3]!],
      [days[0]!, { impressions: 0, clicks: 0, spend: 0, after: 2 }, { ...days[3]!, after: 2 }],
    ].map((given) => (['ctr', 'cpc'] as const).map((metric) => seriesOf(given, metric)));
    expect(full).toEqual(gappy);
  });

  it('sum to ratios weighted by volume', () => {
    const series = seriesOf(days, 'ctr');
    expect(sumsOf(series, 0, 2)).toEqual({ clicks: 20, exposure: 1500 });
    expect(ratio('ctr', { clicks: 20, exposure: 1500 })).toBe(20 / 1500);
    expect(ratio('cpc', { clicks: 20, exposure: 9_000_000 })).toBe(0.45);
  });
});
