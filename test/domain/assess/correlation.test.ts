import { describe, expect, it } from 'vitest';
import { correlationOf } from '../../../lambdas/domain/assess/correlation.ts';
import { metricSeries } from '../../../lambdas/domain/assess/series.ts';
import { type Day, itemOf } from './builders.ts';

const WAVE = [20, 30, 25, 22, 28, 31, 19, 24, 27, 23, 26];

function correlation(days: readonly Day[]) {
  const item = itemOf(days);
  return correlationOf(metricSeries(item, 'ctr'), metricSeries(item, 'cpc'));
}

describe('correlation of CTR and CPC', () => {
  it('is inverse where spend follows impressions', () => {
    const { r, n, inverse } = correlation(WAVE.map((clicks) => ({ impressions: 1000, clicks, spend: 10 })));
    expect(n).toBe(11);
    expect(r).toBeLessThan(-0.97);
    expect(inverse).toBe(true);
  });

  it('is 1 where CPC follows CTR', () => {
    const together = WAVE.map((clicks) => ({ impressions: 1000, clicks, spend: (clicks * clicks) / 100 }));
    expect(correlation(together)).toMatchObject({ r: expect.closeTo(1, 12), inverse: false });
  });

  it('uses only days that have both', () => {
    const days = WAVE.map((clicks) => ({ impressions: 1000, clicks, spend: 10 }));
    const unclicked = { impressions: 700, clicks: 0, spend: 4 };
    const idle = { impressions: 0, clicks: 0, spend: 0 };
    const gappy = [unclicked, ...days.slice(0, 4), idle, unclicked, ...days.slice(4), unclicked];
    expect(correlation(gappy)).toEqual(correlation(days));
  });

  it('needs ten days and variance in both', () => {
    const inverse = WAVE.map((clicks) => ({ impressions: 1000, clicks, spend: 10 }));
    expect(correlation(inverse.slice(0, 9))).toEqual({ r: null, n: 9, inverse: false });
    expect(correlation(inverse.slice(0, 10)).r).not.toBeNull();
    const flat = WAVE.map((clicks) => ({ impressions: clicks * 50, clicks, spend: 1 }));
    expect(correlation(flat)).toEqual({ r: null, n: 11, inverse: false });
  });

  it('is absent without a spend column or without days', () => {
    expect(correlation(WAVE.map((clicks) => ({ impressions: 1000, clicks })))).toEqual({
      r: null,
      n: 0,
      inverse: false,
    });
    expect(correlation([{ impressions: 5, clicks: 0, spend: 1 }])).toEqual({ r: null, n: 0, inverse: false });
  });

  it('counts as inverse from −0.5 on', () => {
    const mixed = (share: number) =>
      WAVE.map((clicks, i) => ({
        impressions: 1000,
        clicks,
        spend: 10 * (1 - share) + share * clicks * (i % 2 === 0 ? 0.2 : 0.6),
      }));
    for (const share of [0, 0.1, 0.25, 0.3, 0.4, 1]) {
      const { r, inverse } = correlation(mixed(share));
      expect(inverse).toBe((r ?? 0) <= -0.5);
    }
    expect(correlation(mixed(1)).inverse).toBe(false);
  });
});
