import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze, analyzeItem } from '../../lambdas/domain/analysis.ts';
import { type AnalysisParameters, DETECTORS, resolveParameters } from '../../lambdas/domain/parameters.ts';
import type { AnalysedMetric, AnalysisDocument, MetricResult } from '../../lambdas/domain/report/document.ts';
import { reportCsv } from '../../lambdas/domain/report/report-csv.ts';
import { serializeDocument } from '../../lambdas/domain/report/serialize.ts';
import type { ItemDays } from '../../lambdas/domain/totals/item-days.ts';
import { type Day, itemOf, repeat } from './assess/builders.ts';

const rows = { read: 100, rejected: 0, reasons: {}, samples: [] };

const analyzeAll = (items: Iterable<ItemDays>, given: Partial<AnalysisParameters> = {}): AnalysisDocument =>
  analyze({ items, rows, currency: 'GBP', parameters: resolveParameters(given) });

const analyzeDays = (days: readonly Day[], given: Partial<AnalysisParameters> = {}) =>
  analyzeItem(itemOf(days), resolveParameters(given)).result;

function analysed(metric: MetricResult | null): AnalysedMetric {
  if (metric === null || 'excluded' in metric) throw new Error('not analysed');
  return metric;
}

/** Impressions with a weekly season and clicks at a CTR that is near the given one, by a fixed pattern. */
const busy = (n: number, ctr: number, spend = 50): Day[] =>
  Array.from({ length: n }, (_, i) => {
    const impressions = 10_000 + 900 * (i % 7);
    return {
      impressions,
      clicks: Math.round(impressions * ctr * (1 + ((i * 5) % 11) / 100)),
      spend: spend + ((i * 3) % 7),
    };
  });

const anyDay = fc.record({
  impressions: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200_000 })),
  share: fc.double({ min: 0, max: 0.1, noNaN: true }),
  spend: fc.integer({ min: 0, max: 100_000 }),
  after: fc.oneof(
    { weight: 9, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 9 }) },
  ),
});
const anyDays = fc.array(anyDay, { maxLength: 60 }).map((days) =>
  days.map(({ impressions, share, spend, after }) => ({
    impressions,
    clicks: Math.floor(impressions * share),
    spend: spend / 100,
    after,
  })),
);
const anyParameters = fc.record({
  detector: fc.constantFrom(...DETECTORS),
  minDays: fc.constantFrom(1, 8, 30),
  windowSize: fc.integer({ min: 2, max: 10 }),
  signatureDepth: fc.integer({ min: 1, max: 5 }),
  impactScope: fc.constantFrom('worse', 'declining', 'after', 'all'),
  benchmarkRule: fc.constantFrom('best', 'longest'),
  includeDistances: fc.boolean(),
  maxGapDays: fc.constantFrom(7, 30),
  falseDiscoveryRate: fc.constantFrom(null, 0.1),
});

/** Every number of a value, with where it stands. */
function* numbersIn(value: unknown, path = ''): Generator<[string, number]> {
  if (typeof value === 'number') yield [path, value];
  else if (value !== null && typeof value === 'object') {
    for (const [key, part] of Object.entries(value)) yield* numbersIn(part, `${path}.${key}`);
  }
}

describe('analysis of a creative that wore out', () => {
  const days = [...busy(42, 0.03), ...busy(35, 0.015)];

  it('finds the change, what it cost, and says so', () => {
    const { metrics, verdict, impact } = analyzeDays(days);
    const ctr = analysed(metrics.ctr);
    expect(ctr.changePoints).toHaveLength(1);
    expect(ctr.changePoints[0]).toMatchObject({ onsetIndex: 42, onsetDay: '2025-04-14', direction: 'worse' });
    expect(ctr.segments.map(({ start, end }) => [start, end])).toEqual([
      [0, 42],
      [42, 77],
    ]);
    expect(ctr.benchmark).toMatchObject({ start: 0, end: 42 });
    // 35 days of about 12,700 impressions at half of a CTR of about 3.15 %.
    expect(impact.engagementGapClicks).toBeGreaterThan(6500);
    expect(impact.engagementGapClicks).toBeLessThan(7200);
    expect(impact.actualOverspend).toBeGreaterThan(800);
    expect(impact.correlation.n).toBe(77);
    expect(verdict).toMatchObject({
      ctrTrend: 'Declining',
      fatigueStatus: 'fatigued',
      replacementRecommended: true,
    });
    expect(verdict.rationale).toBe(
      'CTR averaged 1.57 % over the 35 observed days since 14 Apr 2025, 50 % lower than its benchmark of 3.15 %.',
    );
  });

  it('cuts at the onset for level, at the index for shape', () => {
    for (const detector of DETECTORS) {
      const ctr = analysed(analyzeDays(days, { detector, threshold: 3 }).metrics.ctr);
      expect(ctr.changePoints.length).toBeGreaterThan(0);
      const cuts = ctr.changePoints.map(({ index, onsetIndex }) =>
        detector === 'level' ? onsetIndex : index,
      );
      expect(ctr.segments.map(({ start }) => start)).toEqual([0, ...cuts]);
      const detectedLater = ctr.changePoints.some(({ index, onsetIndex }) => index > onsetIndex);
      expect(detectedLater).toBe(detector === 'level');
    }
  });

  it('carries the distance of each change point, and null before the first', () => {
    const { changePoints, distances, n } = analysed(
      analyzeDays(days, { includeDistances: true }).metrics.ctr,
    );
    expect(distances.values).toHaveLength(n - 7);
    for (const { index, distance } of changePoints) expect(distance).toBe(distances.values?.[index - 7]);
    const wide = analysed(analyzeDays(days, { windowSize: 60 }).metrics.ctr);
    expect(wide.changePoints.length).toBeGreaterThan(0);
    expect(wide.changePoints[0]?.distance).toBeNull();
  });

  it('always carries the statistic that decided, the distances only when asked', () => {
    const level = analysed(analyzeDays(days).metrics.ctr);
    expect(level.statistic).toMatchObject({ name: 'level', limit: 3 });
    expect(level.statistic.values).toHaveLength(level.n - level.statistic.start);
    expect(level.distances).not.toHaveProperty('values');
    const shape = analysed(analyzeDays(days, { detector: 'shape', includeDistances: true }).metrics.ctr);
    expect(shape.statistic).toEqual({
      name: 'distance',
      limit: shape.distances.threshold,
      start: 7,
      values: shape.distances.values,
    });
  });
});

describe('edges', () => {
  it('a constant creative is healthy, stable and costs nothing', () => {
    for (const detector of DETECTORS) {
      const { metrics, verdict, impact } = analyzeDays(
        repeat(60, { impressions: 1000, clicks: 20, spend: 5 }),
        { detector, impactScope: 'all' },
      );
      expect(analysed(metrics.ctr).changePoints).toEqual([]);
      expect(analysed(metrics.ctr).distances).toMatchObject({ mean: 0, sd: 0, max: 0 });
      expect(verdict).toMatchObject({
        ctrTrend: 'Stable',
        fatigueStatus: 'healthy',
        healthScore: 1,
        riskScore: 0,
      });
      expect(impact).toMatchObject({ actualOverspend: 0, actualOverspendPct: 0, engagementGapClicks: 0 });
    }
  });

  it('a creative that nobody clicks has a CTR of 0 and no CPC', () => {
    const { metrics, verdict, impact } = analyzeDays(repeat(60, { impressions: 1000, clicks: 0, spend: 5 }));
    expect(analysed(metrics.ctr).benchmark?.value).toBe(0);
    expect(metrics.cpc).toEqual({ excluded: { reason: 'no_data', n: 0, gap: null, density: null } });
    expect(verdict).toMatchObject({ fatigueStatus: 'healthy', healthScore: 1 });
    expect(impact).toMatchObject({
      actualOverspend: null,
      engagementGapClicks: 0,
      engagementGapReference: null,
    });
  });

  it('one spike is no wear-out', () => {
    const days = [...busy(30, 0.02), { impressions: 10_000, clicks: 9000, spend: 50 }, ...busy(30, 0.02)];
    const { verdict } = analyzeDays(days);
    expect(verdict.fatigueStatus).not.toMatch(/fatigued|terminal/);
  });

  it('as many days as wanted are enough, one fewer is not', () => {
    expect(analyzeDays(busy(30, 0.02)).metrics.ctr).toHaveProperty('segments');
    expect(analyzeDays(busy(29, 0.02))).toMatchObject({
      metrics: { ctr: { excluded: { reason: 'too_few_days', n: 29 } }, cpc: { excluded: { n: 29 } } },
      impact: { actualOverspend: null, engagementGapClicks: null, engagementGapReference: null },
      verdict: {
        fatigueStatus: 'unknown',
        healthScore: null,
        riskScore: null,
        replacementRecommended: false,
      },
    });
  });

  it('a series as long as a window has no distances, and one less long none either', () => {
    for (const n of [6, 7]) {
      for (const detector of DETECTORS) {
        const ctr = analysed(
          analyzeDays(busy(n, 0.02), { minDays: 1, includeDistances: true, detector }).metrics.ctr,
        );
        expect(ctr.distances).toEqual({ mean: null, sd: null, threshold: null, max: null, values: [] });
        expect(ctr.statistic).toMatchObject({ limit: null, values: [] });
        expect(ctr.changePoints).toEqual([]);
      }
    }
    const eight = analysed(analyzeDays(busy(8, 0.02), { minDays: 1, includeDistances: true }).metrics.ctr);
    expect(eight.distances.values).toHaveLength(1);
  });

  it('a metric can be excluded alone', () => {
    const days = [
      ...busy(40, 0.02),
      ...repeat(8, { impressions: 100, clicks: 0, spend: 1 }),
      ...busy(10, 0.02),
    ];
    const { metrics, impact, verdict } = analyzeDays(days);
    expect(metrics.ctr).toHaveProperty('segments');
    expect(metrics.cpc).toMatchObject({ excluded: { reason: 'gap_too_long', gap: 9 } });
    expect(impact.engagementGapClicks).not.toBeNull();
    expect(impact.actualOverspend).toBeNull();
    expect(verdict.healthScore).not.toBeNull();
  });

  it('without a spend column there is no CPC and no money', () => {
    const { metrics, totals } = analyzeDays(
      busy(40, 0.02).map(({ impressions, clicks }) => ({ impressions, clicks })),
    );
    expect(metrics.cpc).toBeNull();
    expect(totals.spend).toBeNull();
  });

  it('no rows, or too many rejected ones, are refused', () => {
    const given = { items: [], currency: 'GBP', parameters: resolveParameters() };
    const code = (wanted: string) => expect.objectContaining({ code: wanted });
    expect(() => analyze({ ...given, rows: { ...rows, read: 0 } })).toThrow(code('empty_dataset'));
    expect(() => analyze({ ...given, rows: { ...rows, rejected: 2, reasons: { negative: 2 } } })).toThrow(
      code('too_many_rejected_rows'),
    );
  });
});

describe('laws', () => {
  it('the reports do not depend on the order of the items, nor on what was analysed before', () => {
    const items = fc
      .array(anyDays, { maxLength: 6 })
      .map((all) => all.map((days, i) => itemOf(days, `creative ${i}`)));
    fc.assert(
      fc.property(items, anyParameters, fc.infiniteStream(fc.nat()), (given, parameters, order) => {
        const shuffled = given
          .map((item) => ({ item, key: order.next().value }))
          .sort((a, b) => a.key - b.key);
        const [one, other] = [
          analyzeAll(given, parameters),
          analyzeAll(
            shuffled.map(({ item }) => item),
            parameters,
          ),
        ];
        expect(serializeDocument(other)).toBe(serializeDocument(one));
        expect(reportCsv(other)).toBe(reportCsv(one));
      }),
      { numRuns: 60 },
    );
  });

  it('every number of a report is finite, and survives JSON', () => {
    fc.assert(
      fc.property(anyDays, anyParameters, (days, parameters) => {
        const document = analyzeAll([itemOf(days)], parameters);
        for (const [path, value] of numbersIn(document)) expect(Number.isFinite(value), path).toBe(true);
        expect(serializeDocument(document)).not.toMatch(/-0[,\]}]/);
        expect(JSON.parse(serializeDocument(document))).toEqual(JSON.parse(JSON.stringify(document)));
      }),
      { numRuns: 200 },
    );
  });

  it('twice the price is twice the overspend and the same verdict', () => {
    fc.assert(
      fc.property(anyDays, anyParameters, (days, parameters) => {
        const given = { ...parameters, detector: 'level' } as const;
        const dearer = days.map((day) => ({ ...day, spend: day.spend * 2 }));
        const [one, two] = [analyzeDays(days, given), analyzeDays(dearer, given)];
        const double = (value: number | null) => (value === null ? null : value * 2);
        expect(two.verdict).toEqual(one.verdict);
        expect(two.impact.actualOverspend).toEqual(double(one.impact.actualOverspend));
        expect(two.impact.actualOverspendNet).toEqual(double(one.impact.actualOverspendNet));
        expect(two.impact.engagementGapClicks).toBe(one.impact.engagementGapClicks);
      }),
    );
  });

  it('a false discovery rate changes no item', () => {
    fc.assert(
      fc.property(anyDays, fc.constantFrom(...DETECTORS), (days, detector) => {
        const items = [itemOf(days, 'a'), itemOf(busy(40, 0.02), 'b')];
        const without = analyzeAll(items, { detector });
        const { items: found, totals } = analyzeAll(items, { detector, falseDiscoveryRate: 0.2 });
        expect({ found, totals }).toEqual({ found: without.items, totals: without.totals });
      }),
      { numRuns: 30 },
    );
  });
});

describe('report bytes', () => {
  const items = [
    itemOf([...busy(40, 0.03), ...busy(20, 0.012)], 'UGC “Été à Paris”, v3'),
    itemOf(busy(45, 0.02), '=Founder | Story'),
    itemOf(repeat(5, { impressions: 100, clicks: 3, spend: 1 }), '短い'),
  ];

  it.each(DETECTORS)('are those of the golden files: %s', async (detector) => {
    const document = analyzeAll(items, { detector, includeDistances: true, falseDiscoveryRate: 0.1 });
    await expect(serializeDocument(document)).toMatchFileSnapshot(`../golden/analysis-${detector}.json`);
    await expect(reportCsv(document)).toMatchFileSnapshot(`../golden/analysis-${detector}.csv`);
  });
});

describe('an item of made-up days', () => {
  it('is refused past 10,000 of them, before its time grows with their square', () => {
    const item = itemOf(repeat(10_001, { impressions: 100, clicks: 1 }));
    expect(() => analyzeItem(item, resolveParameters())).toThrow(
      expect.objectContaining({ code: 'dataset_too_large', message: expect.stringContaining('10001 days') }),
    );
    expect(analyzeDays(repeat(10_000, { impressions: 100, clicks: 1 })).totals.days).toBe(10_000);
  });
});
