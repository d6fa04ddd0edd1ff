import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnalyzedItem, analyzeItem, buildDocument } from '../../../lambdas/domain/analysis.ts';
import { resolveParameters } from '../../../lambdas/domain/parameters.ts';
import { reportCsv } from '../../../lambdas/domain/report/report-csv.ts';
import { type Day, itemOf, repeat } from '../assess/builders.ts';

const parameters = resolveParameters();
const ROWS = { read: 1, rejected: 0, reasons: {}, samples: [] };

const csvOf = (items: readonly AnalyzedItem[], currency = 'GBP') =>
  reportCsv(buildDocument({ items, rows: ROWS, currency, parameters }));
const analysed = (id: string, days: readonly Day[]) => analyzeItem(itemOf(days, id), parameters);
const records = (csv: string): Record<string, string>[] => parse(csv, { columns: true });

const worn = [
  ...repeat(40, { impressions: 10_000, clicks: 300, spend: 90 }),
  ...repeat(30, { impressions: 10_000, clicks: 120, spend: 90 }),
];

describe('analysis_report.csv', () => {
  it('begins with the columns of the library, in the currency of the dataset', () => {
    const [header] = csvOf([], 'EUR').split('\n');
    expect(header).toMatch(
      /^Item ID,Total Spend \(EUR\),actual_overspend_eur,actual_overspend_pct,engagement_gap_clicks,engagement_gap_eur_reference,CTR Trend,Creative Health Score,Fatigue Status,/,
    );
  });

  it('carries the figures of the document in full', () => {
    const item = analysed('UGC v3', worn);
    const [record] = records(csvOf([item]));
    const { impact, verdict, metrics, totals } = item.result;
    if ('excluded' in metrics.ctr) throw new Error('excluded');
    expect(record).toMatchObject({
      'Item ID': 'UGC v3',
      'Total Spend (GBP)': '6300',
      actual_overspend_gbp: String(impact.actualOverspend),
      actual_overspend_pct: String(impact.actualOverspendPct),
      engagement_gap_clicks: '5400',
      engagement_gap_gbp_reference: '1620',
      'CTR Trend': 'Declining',
      'Creative Health Score': String(verdict.healthScore),
      'Fatigue Status': 'fatigued',
      'Risk Score': String(verdict.riskScore),
      'Replacement Recommended': 'true',
      Since: '2025-04-12',
      'CTR Change Points': '2025-04-12 worse',
      'Benchmark CTR': '0.03',
      'Latest CTR': '0.012',
      Impressions: '700000',
      'Observed Days': String(totals.days),
      From: '2025-03-03',
      To: '2025-05-11',
      'CTR Excluded': '',
      Rationale: verdict.rationale,
    });
  });

  it('dates “Since” as the ranking does: from the first fall below the benchmark that was never made good', () => {
    const twice = [
      ...worn,
      ...repeat(40, { impressions: 10_000, clicks: 60, spend: 90 }),
      ...repeat(30, { impressions: 10_000, clicks: 250, spend: 90 }),
    ];
    expect(records(csvOf([analysed('twice', twice)]))[0]).toMatchObject({
      Since: '2025-04-12',
      'Since Metric': 'ctr',
      'CTR Change Points': '2025-04-12 worse; 2025-05-12 worse; 2025-06-21 better',
    });
  });

  it('leaves absent figures empty and says why a metric is excluded', () => {
    const [record] = records(csvOf([analysed('short', repeat(3, { impressions: 100, clicks: 1 }))]));
    expect(record).toMatchObject({
      'Total Spend (GBP)': '',
      actual_overspend_gbp: '',
      engagement_gap_clicks: '',
      'Creative Health Score': '',
      'Risk Score': '',
      Since: '',
      'CTR Excluded': 'too_few_days',
      'CPC Excluded': '',
    });
  });

  it('keeps spreadsheets from running names as formulas', () => {
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', 'safe', "'=1", 'a=1'];
    const csv = csvOf(names.map((name) => analysed(name, [])));
    expect(
      records(csv)
        .map((record) => record['Item ID'])
        .toSorted(),
    ).toEqual(["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "'\rx", 'safe', "'=1", 'a=1'].toSorted());
  });

  it('does not mistake negative numbers for formulas', () => {
    const better = [
      ...repeat(45, { impressions: 10_000, clicks: 100, spend: 90 }),
      ...repeat(40, { impressions: 10_000, clicks: 200, spend: 90 }),
    ];
    const given = resolveParameters({ impactScope: 'after', benchmarkRule: 'longest' });
    expect(records(csvOf([analyzeItem(itemOf(better), given)]))[0]).toMatchObject({
      actual_overspend_net_gbp: expect.stringMatching(/^-\d/),
      engagement_gap_clicks_net: '-4000',
    });
  });

  it('is RFC 4180 that another reader reads back, for any names', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const awkward = fc
      .array(fc.constantFrom('"', ',', '\n', '\r', ';', ' ', 'é', 'a', '='), { minLength: 1 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(name, awkward), { maxLength: 8 }), (names) => {
        const csv = csvOf(names.map((id) => analysed(id, [])));
        expect(csv.endsWith('\n')).toBe(true);
        const ids = records(csv).map((record) => record['Item ID']);
        const expected = names.map((id) => (/^[=+\-@\t\r]/.test(id) ? `'${id}` : id));
        expect(ids.toSorted()).toEqual(expected.toSorted());
      }),
    );
  });
});
