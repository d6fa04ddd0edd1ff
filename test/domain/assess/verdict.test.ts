import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../../lambdas/domain/assess/assessment.ts';
import { RISK_WEIGHTS, riskOf } from '../../../lambdas/domain/assess/risk.ts';
import { verdictOf } from '../../../lambdas/domain/assess/verdict.ts';
import type { ChangePoint } from '../../../lambdas/domain/detect/detector.ts';
import { type AnalysisParameters, resolveParameters } from '../../../lambdas/domain/parameters.ts';
import { FATIGUE_STATUSES, type Impact } from '../../../lambdas/domain/report/document.ts';
import { analysedWith, changeAt, seriesOfValues } from './builders.ts';

const NO_IMPACT: Impact = {
  actualOverspend: null,
  actualOverspendPct: null,
  actualOverspendNet: null,
  engagementGapClicks: null,
  engagementGapClicksNet: null,
  engagementGapReference: null,
  correlation: { r: null, n: 0, inverse: false },
};

/** `n` values from one to another. */
const line = (n: number, from: number, to = from) =>
  Array.from({ length: n }, (_, i) => from + ((to - from) * i) / Math.max(1, n - 1));

const ctrOf = (
  values: readonly number[],
  changes: readonly ChangePoint[],
  given: Partial<AnalysisParameters> = {},
) => analysedWith(seriesOfValues(values), changes, given);

function verdict(ctr: Assessment, cpc: Assessment | null = null, given: Partial<AnalysisParameters> = {}) {
  return verdictOf({ ctr, cpc }, NO_IMPACT, resolveParameters(given));
}

const excluded: Assessment = { excluded: { reason: 'too_few_days', n: 12, gap: 1, density: 1 } };

describe('fatigue status', () => {
  const drop = (to: number, length = 20) => [...line(20, 0.02), ...line(length, to)];

  it('is unknown without a benchmark or without an analysed CTR, whatever else there is', () => {
    expect(verdict(excluded).fatigueStatus).toBe('unknown');
    expect(verdict(ctrOf(line(30, 0.03, 0.01), [changeAt(25)])).fatigueStatus).toBe('unknown');
  });

  it('is healthy where the latest mean is at the benchmark, or at nine tenths of it', () => {
    expect(verdict(ctrOf(drop(0.02), [])).fatigueStatus).toBe('healthy');
    expect(verdict(ctrOf(drop(0.018), [changeAt(20)])).fatigueStatus).toBe('healthy');
  });

  it('is fatigued below nine tenths', () => {
    expect(verdict(ctrOf(drop(0.017), [changeAt(20)])).fatigueStatus).toBe('fatigued');
  });

  it('is terminal decline below seven tenths when still declining', () => {
    expect(verdict(ctrOf(drop(0.01), [changeAt(20)])).fatigueStatus).toBe('fatigued');
    const falling = [...line(20, 0.02), ...line(20, 0.016, 0.01)];
    expect(verdict(ctrOf(falling, [changeAt(20)])).fatigueStatus).toBe('terminal_decline');
    const fallingLess = [...line(20, 0.02), ...line(20, 0.017, 0.011)];
    expect(verdict(ctrOf(fallingLess, [changeAt(20)])).fatigueStatus).toBe('fatigued');
  });

  it('is early fatigue after a worse change within the last 14 observed days', () => {
    const values = drop(0.019);
    expect(verdict(ctrOf(values, [changeAt(26, { onsetIndex: 20 })])).fatigueStatus).toBe('early_fatigue');
    expect(verdict(ctrOf(values, [changeAt(25, { onsetIndex: 20 })])).fatigueStatus).toBe('healthy');
    expect(verdict(ctrOf(values, [changeAt(30, { direction: 'better' })])).fatigueStatus).toBe('healthy');
    expect(verdict(ctrOf(values, [changeAt(30, { direction: 'none' })])).fatigueStatus).toBe('healthy');
  });

  it('prefers fatigued to early fatigue', () => {
    expect(verdict(ctrOf(drop(0.01), [changeAt(30, { onsetIndex: 20 })])).fatigueStatus).toBe('fatigued');
  });

  it('is healthy for a creative that nobody ever clicked: it has not become worse', () => {
    expect(verdict(ctrOf(line(30, 0), [])).fatigueStatus).toBe('healthy');
  });
});

describe('replacement', () => {
  it('is recommended in terminal decline, however short the latest segment', () => {
    const values = [...line(20, 0.02), ...line(6, 0.012, 0.006)];
    expect(verdict(ctrOf(values, [changeAt(20)]))).toMatchObject({
      fatigueStatus: 'terminal_decline',
      replacementRecommended: true,
    });
  });

  it('is recommended when fatigued for 14 observations', () => {
    const fatigued = (length: number) =>
      verdict(ctrOf([...line(20, 0.02), ...line(length, 0.017)], [changeAt(20)]));
    expect(fatigued(14)).toMatchObject({ fatigueStatus: 'fatigued', replacementRecommended: true });
    expect(fatigued(13)).toMatchObject({ fatigueStatus: 'fatigued', replacementRecommended: false });
  });

  it('is not recommended otherwise', () => {
    expect(
      verdict(ctrOf([...line(30, 0.02), ...line(8, 0.019)], [changeAt(30)])).replacementRecommended,
    ).toBe(false);
    expect(verdict(excluded).replacementRecommended).toBe(false);
  });
});

describe('CTR trend', () => {
  it('declines after any worse change, or in a declining last segment', () => {
    expect(verdict(ctrOf(line(40, 0.02), [changeAt(7)])).ctrTrend).toBe('Declining');
    expect(
      verdict(ctrOf([...line(20, 0.02), ...line(20, 0.02, 0.01)], [changeAt(20, { direction: 'none' })]))
        .ctrTrend,
    ).toBe('Declining');
  });

  it('is stable otherwise', () => {
    expect(verdict(ctrOf(line(40, 0.02), [])).ctrTrend).toBe('Stable');
    const recovered = [...line(20, 0.02, 0.01), ...line(20, 0.02)];
    expect(verdict(ctrOf(recovered, [changeAt(20, { direction: 'better' })])).ctrTrend).toBe('Stable');
    expect(verdict(excluded).ctrTrend).toBe('Stable');
  });
});

describe('health score', () => {
  const health = (ctr: Assessment, cpc: Assessment | null = null) => verdict(ctr, cpc).healthScore;
  const cpcOf = (values: readonly number[], changes: readonly ChangePoint[]) =>
    analysedWith(seriesOfValues(values, 'cpc'), changes);

  it('is the latest mean against the benchmark, at most 1', () => {
    expect(health(ctrOf(line(40, 0.02), []))).toBe(1);
    expect(health(ctrOf([...line(20, 0.02), ...line(20, 0.015)], [changeAt(20)]))).toBeCloseTo(0.75, 12);
    expect(health(ctrOf([...line(14, 0.03), ...line(13, 0.04)], [changeAt(14)]))).toBe(1);
  });

  it('turns the ratio round for CPC and takes the mean of both metrics', () => {
    const cpc = cpcOf([...line(20, 0.4), ...line(20, 0.5)], [changeAt(20)]);
    expect(health(excluded, cpc)).toBeCloseTo(0.8, 12);
    expect(health(ctrOf(line(40, 0.02), []), cpc)).toBeCloseTo(0.9, 12);
  });

  it('falls with the trend of the latest segment', () => {
    expect(health(ctrOf([...line(20, 0.02), ...line(4, 0.02)], [changeAt(20)]))).toBeCloseTo(0.85, 12);
    const declining = ctrOf([...line(20, 0.02), ...line(21, 0.02, 0.01)], [changeAt(20)]);
    expect(health(declining)).toBeCloseTo(0.75 * 0.7, 12);
    const improving = ctrOf([...line(20, 0.02), ...line(7, 0.01, 0.016)], [changeAt(20)]);
    expect(health(improving)).toBeCloseTo(0.65, 12);
  });

  it('counts 0 / 0 as 1', () => {
    expect(health(ctrOf(line(30, 0), []))).toBe(1);
    expect(health(excluded, cpcOf(line(30, 0), []))).toBe(1);
  });

  it('is null without any benchmark, as the risk score is', () => {
    expect(verdict(excluded)).toMatchObject({ healthScore: null, riskScore: null });
    expect(verdict(excluded, excluded)).toMatchObject({ healthScore: null, riskScore: null });
    expect(verdict(ctrOf(line(30, 0.03, 0.01), []))).toMatchObject({ healthScore: null, riskScore: null });
  });
});

describe('risk score', () => {
  it('has weights that add up to 1', () => {
    expect(Object.values(RISK_WEIGHTS).reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 15);
  });

  it('is worked out from its parts', () => {
    const verdict = { fatigueStatus: 'fatigued', replacementRecommended: true } as const;
    // 0.4 · 0.7 + 0.2 + 0.2 · 0.1/(0.1 + 0.1) + 0.2 · 5/(5 + 20)
    expect(riskOf(verdict, { actualOverspendPct: 10, engagementGapClicks: 500 }, 100)).toBeCloseTo(0.62, 12);
  });

  it('takes absent figures for no risk', () => {
    const verdict = { fatigueStatus: 'unknown', replacementRecommended: false } as const;
    expect(riskOf(verdict, { actualOverspendPct: null, engagementGapClicks: null }, 0)).toBe(0);
  });

  it('is in [0, 1], and more of anything bad never lowers it', () => {
    const impact = fc.record({
      actualOverspendPct: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
      engagementGapClicks: fc.option(fc.nat()),
    });
    const days = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(
        fc.constantFrom(...FATIGUE_STATUSES),
        fc.boolean(),
        impact,
        days,
        (fatigueStatus, flag, figures, n) => {
          const risk = riskOf({ fatigueStatus, replacementRecommended: flag }, figures, n);
          expect(risk).toBeGreaterThanOrEqual(0);
          expect(risk).toBeLessThanOrEqual(1);
          const worse = {
            actualOverspendPct: (figures.actualOverspendPct ?? 0) + 1,
            engagementGapClicks: (figures.engagementGapClicks ?? 0) + n,
          };
          expect(riskOf({ fatigueStatus, replacementRecommended: true }, worse, n)).toBeGreaterThan(risk);
          expect(
            riskOf({ fatigueStatus: 'terminal_decline', replacementRecommended: flag }, figures, n),
          ).toBeGreaterThanOrEqual(risk);
        },
      ),
    );
  });
});
