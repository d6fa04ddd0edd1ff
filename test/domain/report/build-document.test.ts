import { describe, expect, it } from 'vitest';
import { type AnalyzedItem, analyzeItem, buildDocument } from '../../../lambdas/domain/analysis.ts';
import type { RowCounts } from '../../../lambdas/domain/observation/reject.ts';
import { type AnalysisParameters, resolveParameters } from '../../../lambdas/domain/parameters.ts';
import { serializeDocument } from '../../../lambdas/domain/report/serialize.ts';
import { type Day, itemOf, repeat } from '../assess/builders.ts';

const parameters = resolveParameters();
const ROWS: RowCounts = { read: 10, rejected: 0, reasons: {}, samples: [] };

const analysed = (id: string, days: readonly Day[]) => analyzeItem(itemOf(days, id), parameters);
const build = (items: readonly AnalyzedItem[], given: Partial<AnalysisParameters> = {}, rows = ROWS) =>
  buildDocument({ items, rows, currency: 'GBP', parameters: { ...parameters, ...given } });

const worn = [
  ...repeat(40, { impressions: 10_000, clicks: 300, spend: 90 }),
  ...repeat(30, { impressions: 10_000, clicks: 120, spend: 90 }),
];
const steady = repeat(60, { impressions: 10_000, clicks: 300, spend: 90.1 });
const short = repeat(3, { impressions: 10, clicks: 1, spend: 0.1 });

describe('dataset totals', () => {
  it('add up the items', () => {
    const document = build([analysed('worn', worn), analysed('steady', steady), analysed('short', short)]);
    expect(document.totals).toMatchObject({
      items: 3,
      analysed: 2,
      excluded: 1,
      impressions: 1_300_030,
      clicks: 12_000 + 3600 + 18_000 + 3,
      spend: 6300 + 5406 + 0.3,
      engagementGapClicks: 5400,
      from: '2025-03-03',
      to: '2025-05-11',
    });
    expect(document.totals.actualOverspend).toBeCloseTo(30 * (90 - 0.3 * 120), 9);
  });

  it('are null without figures', () => {
    expect(build([]).totals).toEqual({
      items: 0,
      analysed: 0,
      excluded: 0,
      impressions: 0,
      clicks: 0,
      spend: null,
      actualOverspend: null,
      engagementGapClicks: null,
      from: null,
      to: null,
    });
    const { totals } = build([
      analysed('idle', []),
      analysed(
        'short',
        short.map(({ impressions, clicks }) => ({ impressions, clicks })),
      ),
    ]);
    expect(totals).toMatchObject({
      spend: null,
      actualOverspend: null,
      engagementGapClicks: null,
      from: '2025-03-03',
    });
  });

  it('add money exactly, in millionths', () => {
    const tenth = { impressions: 10, clicks: 1, spend: 0.1 };
    expect(build(Array.from({ length: 30 }, (_, i) => analysed(`${i}`, [tenth]))).totals.spend).toBe(3);
  });

  it('refuse to round: of an item and of the dataset', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const overflow = expect.objectContaining({ code: 'overflow' });
    expect(() =>
      analysed('x', [
        { impressions: most, clicks: 0 },
        { impressions: 1, clicks: 0 },
      ]),
    ).toThrow(overflow);
    expect(() =>
      analysed('x', [
        { impressions: most, clicks: most },
        { impressions: 0, clicks: 1 },
      ]),
    ).toThrow(overflow);
    const spend = 9e9;
    expect(() =>
      analysed('x', [
        { impressions: 1, clicks: 0, spend },
        { impressions: 1, clicks: 0, spend: 1e7 },
      ]),
    ).toThrow(overflow);
    const [big, one] = [
      analysed('big', [{ impressions: most, clicks: 0 }]),
      analysed('one', [{ impressions: 1, clicks: 0 }]),
    ];
    expect(build([big]).totals.impressions).toBe(most);
    expect(() => build([big, one])).toThrow(overflow);
    const rich = [
      analysed('a', [{ impressions: 1, clicks: 0, spend }]),
      analysed('b', [{ impressions: 1, clicks: 0, spend: 1e7 }]),
    ];
    expect(() => build(rich)).toThrow(overflow);
  });
});

describe('order of items', () => {
  it('is risk descending, null last, then id by code point', () => {
    const items = [
      analysed('short b', short),
      analysed('\u{1F600} short', short),
      analysed('\u{E000} short', short),
      analysed('steady b', steady),
      analysed('worn', worn),
      analysed('steady a', steady),
    ];
    const ids = ['worn', 'steady a', 'steady b', 'short b', '\u{E000} short', '\u{1F600} short'];
    expect(build(items).items.map(({ id }) => id)).toEqual(ids);
    expect(build(items.toReversed()).items.map(({ id }) => id)).toEqual(ids);
  });
});

describe('rows and parameters', () => {
  it('come in one order whatever order they were counted in', () => {
    const sample = { line: 3, byteOffset: 40, column: 'day', reason: 'bad_day', text: 'x' } as const;
    const counts = { negative: 2, bad_day: 1, bad_utf8: 0 };
    const turned = { bad_utf8: 0, bad_day: 1, negative: 2 };
    const turnedSample = { text: 'x', reason: 'bad_day', column: 'day', byteOffset: 40, line: 3 } as const;
    const [one, other] = [
      build([], {}, { read: 9, rejected: 3, reasons: counts, samples: [sample] }),
      build([], {}, { samples: [turnedSample], reasons: turned, rejected: 3, read: 9 }),
    ];
    expect(serializeDocument(one)).toBe(serializeDocument(other));
    expect(JSON.stringify(one.rows)).toBe(
      '{"read":9,"rejected":3,"reasons":{"bad_day":1,"negative":2},"samples":[{"line":3,"byteOffset":40,"column":"day","reason":"bad_day","text":"x"}]}',
    );
  });

  it('name the version of the detector, and every parameter', () => {
    expect(build([], { detector: 'shape' }).parameters).toEqual({
      ...parameters,
      detector: 'shape',
      detectorVersion: 1,
    });
  });
});

describe('discoveries', () => {
  const items = (falseDiscoveryRate: number | null) => {
    const given = { ...parameters, falseDiscoveryRate };
    return [
      analyzeItem(itemOf(steady, 'steady'), given),
      analyzeItem(itemOf(worn, 'worn'), given),
      analyzeItem(itemOf(short, 'short'), given),
    ];
  };

  it('are left out unless asked for', () => {
    expect(build(items(null))).not.toHaveProperty('discoveries');
  });

  it('list the creatives that wore out among those tested, and change nothing else', () => {
    const { discoveries, ...rest } = build(items(0.1), { falseDiscoveryRate: 0.1 });
    expect(discoveries).toMatchObject({ method: 'benjamini-hochberg', falseDiscoveryRate: 0.1, tested: 2 });
    expect(discoveries?.items.map(({ id }) => id)).toEqual(['worn']);
    expect(discoveries?.items[0]?.pValue).toBeLessThan(0.001);
    const without = build(items(null));
    expect(rest).toEqual({ ...without, parameters: { ...without.parameters, falseDiscoveryRate: 0.1 } });
  });

  it('come with the most certain first, then by id', () => {
    const given = { ...parameters, falseDiscoveryRate: 0.1 };
    const less = [
      ...repeat(40, { impressions: 10_000, clicks: 300 }),
      ...repeat(30, { impressions: 10_000, clicks: 200 }),
    ];
    const found = build(
      ['d', 'c']
        .map((id) => analyzeItem(itemOf(worn, id), given))
        .concat(['b', 'a'].map((id) => analyzeItem(itemOf(less, id), given))),
      { falseDiscoveryRate: 0.1 },
    ).discoveries?.items;
    expect(found?.map(({ id }) => id)).toEqual(['c', 'd', 'a', 'b']);
    expect(found?.[0]?.pValue).toBeLessThan(found?.[2]?.pValue ?? 0);
  });

  it('are in the JSON text after the items', () => {
    const document = build(items(0.1), { falseDiscoveryRate: 0.1 });
    expect(JSON.parse(serializeDocument(document))).toEqual(JSON.parse(JSON.stringify(document)));
  });
});
