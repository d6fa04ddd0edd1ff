import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benchmarked } from '../../../lambdas/domain/assess/assessment.ts';
import { impactOf } from '../../../lambdas/domain/assess/impact.ts';
import { metricSeries } from '../../../lambdas/domain/assess/series.ts';
import { roundHalfUp } from '../../../lambdas/domain/assess/shortfall.ts';
import { IMPACT_SCOPES, type ImpactScope } from '../../../lambdas/domain/parameters.ts';
import { analysedWith, changeAt, type Day, itemOf, repeat } from './builders.ts';

/** The impact of days that are cut at some observations of both metrics. */
function impact(days: readonly Day[], cuts: readonly number[], impactScope: ImpactScope) {
  const item = itemOf(days);
  const changes = cuts.map((at) => changeAt(at));
  const cpcSeries = metricSeries(item, 'cpc');
  const ctr = benchmarked(analysedWith(metricSeries(item, 'ctr'), changes));
  const cpc = cpcSeries && benchmarked(analysedWith(cpcSeries, changes));
  const spendMicros = item.spendMicros?.reduce((sum, value) => sum + value, 0) ?? null;
  return impactOf(spendMicros, { ctr, cpc }, impactScope);
}

/** 1 / value modulo a prime, by Fermat's little theorem. */
function inverseModulo(value: bigint, prime: bigint): bigint {
  let result = 1n;
  let square = value % prime;
  for (let exponent = prime - 2n; exponent > 0n; exponent /= 2n) {
    if (exponent % 2n === 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

/** Benchmark of 14 days: 1,000 impressions, 20 clicks, 10.00 spent: CTR 0.02, CPC 0.50. */
const good = repeat(14, { impressions: 1000, clicks: 20, spend: 10 });
/** Segments after it: declining by itself, a tenth worse, just not a tenth worse, and better. */
const declining = [20, 18, 16, 14, 12, 10].map((clicks) => ({ impressions: 1000, clicks, spend: 10 }));
const tenthWorse = repeat(6, { impressions: 1000, clicks: 18, spend: 9.9 });
const slightlyWorse = repeat(6, { impressions: 10_000, clicks: 181, spend: 99 });
const better = repeat(6, { impressions: 1000, clicks: 25, spend: 10 });
const before = [30, 28, 26, 24, 22].map((clicks) => ({ impressions: 1000, clicks, spend: 9 }));

const days = [...before, ...good, ...declining, ...tenthWorse, ...slightlyWorse, ...better];
const cuts = [5, 19, 25, 31, 37];

describe('impact', () => {
  it('declining: the days of declining segments after the benchmark', () => {
    const { engagementGapClicks, engagementGapClicksNet, actualOverspend, ...rest } = impact(
      days,
      cuts,
      'declining',
    );
    // Missing clicks 0 + 2 + 4 + 6 + 8 + 10; above 0.50 a click: 10 − 0.50 · clicks each day.
    expect(engagementGapClicks).toBe(30);
    expect(engagementGapClicksNet).toBe(30);
    expect(actualOverspend).toBe(15);
    expect(rest.actualOverspendNet).toBe(15);
    expect(rest.engagementGapReference).toBe(15);
    const spend = 45 + 140 + 60 + 59.4 + 594 + 60;
    expect(rest.actualOverspendPct).toBeCloseTo((15 / spend) * 100, 12);
  });

  it('worse: those, and segments whose ratio of sums is worse by a tenth or more', () => {
    const { engagementGapClicks, actualOverspend } = impact(days, cuts, 'worse');
    // CTR 0.018 is a tenth below 0.02: 2 clicks a day more. CPC 0.55 is a tenth above 0.50: 0.90 a day more.
    expect(engagementGapClicks).toBe(30 + 12);
    expect(actualOverspend).toBeCloseTo(15 + 5.4, 12);
  });

  it('after: every day after the benchmark, with good days in the net figures', () => {
    const found = impact(days, cuts, 'after');
    expect(found.engagementGapClicks).toBe(30 + 12 + 6 * 19);
    expect(found.engagementGapClicksNet).toBeCloseTo(30 + 12 + 6 * 19 - 30, 10);
    expect(found.actualOverspend).toBeCloseTo(15 + 5.4 + 6 * 8.5, 10);
    expect(found.actualOverspendNet).toBeCloseTo(15 + 5.4 + 6 * 8.5 - 6 * 2.5, 10);
  });

  it('all: every day, before the benchmark too', () => {
    const found = impact(days, cuts, 'all');
    // Nothing in the benchmark differs from it; before it all days are better.
    expect(found.engagementGapClicks).toBe(30 + 12 + 6 * 19);
    expect(found.engagementGapClicksNet).toBeCloseTo(30 + 12 + 6 * 19 - 30 - 30, 10);
    expect(found.actualOverspendNet).toBeCloseTo(15 + 5.4 + 6 * 8.5 - 6 * 2.5 - (65 - 45), 10);
  });

  it('leaves days before the benchmark out of the other scopes', () => {
    const early = [...declining, ...good];
    for (const scope of ['declining', 'worse', 'after'] as const) {
      expect(impact(early, [6], scope)).toMatchObject({ engagementGapClicks: 0, actualOverspend: 0 });
    }
    expect(impact(early, [6], 'all')).toMatchObject({ engagementGapClicks: 30, actualOverspend: 15 });
  });

  it('counts the bad days of the benchmark itself only when all days count', () => {
    const uneven = Array.from({ length: 14 }, (_, i) => ({
      impressions: 1000,
      clicks: i % 2 === 0 ? 21 : 19,
      spend: 10,
    }));
    expect(impact([...uneven, ...better], [14], 'after')).toMatchObject({
      engagementGapClicks: 0,
      actualOverspend: 0,
    });
    // Seven days of 19 where 20 were to be expected, at 0.50 each.
    expect(impact([...uneven, ...better], [14], 'all')).toMatchObject({
      engagementGapClicks: 7,
      actualOverspend: 3.5,
    });
  });

  it('rounds missing clicks once, a half upwards', () => {
    // 0.05 · 1,010 − 40 = 10.5 on one day and 10.4 on the next: 20.9 together, 10.5 alone.
    const benchmarkDays = repeat(14, { impressions: 100, clicks: 5 });
    const half = { impressions: 1010, clicks: 40 };
    expect(impact([...benchmarkDays, half], [14], 'after').engagementGapClicks).toBe(11);
    expect(impact([...benchmarkDays, half], [14], 'after').engagementGapClicksNet).toBe(10.5);
    expect(
      impact([...benchmarkDays, half, { ...half, impressions: 1008 }], [14], 'after').engagementGapClicks,
    ).toBe(21);
    expect(roundHalfUp(5n, 10n)).toBe(1n);
    expect(roundHalfUp(4999999999999999999n, 10000000000000000000n)).toBe(0n);
    expect(roundHalfUp(0n, 3n)).toBe(0n);
  });

  it('is exact for counts whose products are beyond 2^53', () => {
    const scale = 50_000_000;
    const small = [
      ...repeat(14, { impressions: 900, clicks: 70 }),
      ...repeat(7, { impressions: 1001, clicks: 30 }),
    ];
    const large = small.map(({ impressions, clicks }) => ({
      impressions: impressions * scale,
      clicks: clicks * scale,
    }));
    const missing = 7n * (1001n * 70n - 900n * 30n) * BigInt(scale);
    expect(impact(large, [14], 'worse').engagementGapClicks).toBe(Number(roundHalfUp(missing, 900n)));
    expect(impact(large, [14], 'worse').engagementGapClicksNet).toBeCloseTo(Number(missing) / 900, 0);
  });

  it('rounds clicks rightly a hair below and above a half, where doubles cannot tell', () => {
    // Benchmark CTR c / a with a the prime 2^40 + 15; impressions i with i · c ≡ (a ∓ 1) / 2 (mod a).
    const [a, c] = [2n ** 40n + 15n, 12_345_678_901n];
    for (const [remainder, up] of [
      [(a - 1n) / 2n, 0n],
      [(a + 1n) / 2n, 1n],
    ] as const) {
      const i = (inverseModulo(c, a) * remainder) % a;
      const days = [
        ...repeat(14, { impressions: Number(a), clicks: Number(c) }),
        { impressions: Number(i), clicks: 0 },
      ];
      expect(impact(days, [14], 'after').engagementGapClicks).toBe(Number((i * c) / a + up));
    }
  });

  it('equals sums in whole numbers of any size', () => {
    const large = fc.record({ impressions: fc.integer({ min: 1, max: 2 ** 40 }), share: fc.nat({ max: 9 }) });
    fc.assert(
      fc.property(
        fc.array(large, { minLength: 1, maxLength: 13 }),
        fc.constantFrom(1, 1000, 2 ** 20),
        (later, size) => {
          const base = repeat(14, { impressions: 1013 * size, clicks: 37 * size });
          const tail = later.map(({ impressions, share }) => ({
            impressions,
            clicks: Math.floor((impressions * share) / 200),
          }));
          const missing = tail.reduce((sum, { impressions, clicks }) => {
            const cross = 37n * BigInt(impressions) - 1013n * BigInt(clicks);
            return cross > 0n ? sum + cross : sum;
          }, 0n);
          const expected = (2n * missing + 1013n) / 2026n;
          expect(impact([...base, ...tail], [14], 'after').engagementGapClicks).toBe(Number(expected));
        },
      ),
    );
  });

  it('finds nothing to lose where every day equals the benchmark', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 0, max: 99_999 }), (clicks, cents) => {
        const same = repeat(20, { impressions: clicks * 37, clicks, spend: cents / 100 });
        expect(impact(same, [7], 'all')).toMatchObject({
          actualOverspend: 0,
          actualOverspendNet: 0,
          engagementGapClicks: 0,
          engagementGapClicksNet: 0,
        });
      }),
    );
  });

  it('grows with the scope, and is never below its net figure', () => {
    const day = fc.record({
      impressions: fc.integer({ min: 1, max: 5000 }),
      clicks: fc.integer({ min: 0, max: 300 }),
      spend: fc.integer({ min: 0, max: 500 }),
    });
    fc.assert(
      fc.property(
        fc.array(day, { maxLength: 40 }),
        fc.array(fc.integer({ min: 15, max: 54 })),
        (later, at) => {
          const all = [...good, ...later];
          const found = ['declining', 'worse', 'after', 'all'].map((scope) =>
            impact(all, [14, ...at], IMPACT_SCOPES.find((name) => name === scope)!),
          );
          for (const [i, { actualOverspend, actualOverspendNet, engagementGapClicks }] of found.entries()) {
            if (actualOverspend === null || engagementGapClicks === null) continue;
            expect(actualOverspendNet!).toBeLessThanOrEqual(actualOverspend + 1e-9);
            expect(actualOverspend).toBeGreaterThanOrEqual((found[i - 1]?.actualOverspend ?? 0) - 1e-9);
            expect(engagementGapClicks).toBeGreaterThanOrEqual(found[i - 1]?.engagementGapClicks ?? 0);
          }
        },
      ),
    );
  });
});

describe('impact without figures', () => {
  it('has no money without a spend column, and no reference', () => {
    const unpriced = days.map(({ impressions, clicks }) => ({ impressions, clicks }));
    expect(impact(unpriced, cuts, 'worse')).toEqual({
      actualOverspend: null,
      actualOverspendPct: null,
      actualOverspendNet: null,
      engagementGapClicks: 42,
      engagementGapClicksNet: 42,
      engagementGapReference: null,
    });
  });

  it('has nothing at all without benchmarks', () => {
    const found = impact(declining, [], 'all');
    expect(found).toMatchObject({
      actualOverspend: null,
      actualOverspendPct: null,
      actualOverspendNet: null,
      engagementGapClicks: null,
      engagementGapClicksNet: null,
      engagementGapReference: null,
    });
  });

  it('has no share of a spend of nothing', () => {
    const free = days.map((day) => ({ ...day, spend: 0 }));
    expect(impact(free, cuts, 'all')).toMatchObject({ actualOverspend: 0, actualOverspendPct: null });
  });

  it('counts everything paid after a free benchmark', () => {
    const free = repeat(14, { impressions: 1000, clicks: 20, spend: 0 });
    expect(impact([...free, ...tenthWorse], [14], 'worse').actualOverspend).toBeCloseTo(6 * 9.9, 12);
    expect(impact([...free, ...free], [14], 'worse').actualOverspend).toBe(0);
  });
});
