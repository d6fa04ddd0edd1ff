import { describe, expect, it } from 'vitest';
import { plainLines, rankingLines, sparklineCells } from '../../cli/analyze/ranking.ts';
import { summaryLines } from '../../cli/analyze/summary.ts';
import { displayWidth } from '../../cli/terminal/text.ts';
import { worseSince } from '../../lambdas/domain/report/since.ts';
import { analysedMetric, change, documentOf, itemResult, tooShort } from './documents.ts';

const uncoloured = (_: unknown, text: string) => text;
const view = {
  top: 20,
  width: Number.POSITIVE_INFINITY,
  sparklines: new Map<string, string>(),
  paint: uncoloured,
};

describe('worseSince', () => {
  const since = (...args: Parameters<typeof analysedMetric>) =>
    worseSince(itemResult({ id: 'a', ctr: analysedMetric(...args), cpc: null }))?.day;

  it('is the beginning of the latest run of changes for the worse', () => {
    expect(since(change('2025-03-01'))).toBe('2025-03-01');
    expect(since(change('2025-03-01'), change('2025-04-01'))).toBe('2025-03-01');
    expect(since(change('2025-02-01'), change('2025-03-01', 'better'), change('2025-04-01'))).toBe(
      '2025-04-01',
    );
  });

  it('is nothing without a change for the worse, or where the last change was for the better', () => {
    expect(since()).toBeUndefined();
    expect(since(change('2025-03-01'), change('2025-03-20', 'better'))).toBeUndefined();
    expect(since(change('2025-03-01', 'none'))).toBeUndefined();
    expect(worseSince(itemResult({ id: 'a', ctr: tooShort, cpc: tooShort }))).toBeNull();
  });

  it('is the first change after the benchmark where a better one did not bring a fatigued creative back', () => {
    const ctr = {
      ...analysedMetric(change('2025-01-05'), change('2025-03-01'), change('2025-03-20', 'better')),
      benchmark: { start: 0, end: 18, from: '2025-01-01', to: '2025-01-18', value: 0.02 },
    };
    const early = {
      ...ctr,
      changePoints: ctr.changePoints.map((point, i) => ({ ...point, onsetIndex: 10 + 8 * i })),
    };
    expect(worseSince(itemResult({ id: 'a', status: 'fatigued', ctr: early }))?.day).toBe('2025-03-01');
    expect(worseSince(itemResult({ id: 'a', status: 'healthy', ctr: early }))).toBeNull();
  });

  it('falls back to the CPC and says so', () => {
    const item = itemResult({ id: 'a', cpc: analysedMetric(change('2025-05-03')) });
    expect(worseSince(item)).toEqual({ day: '2025-05-03', metric: 'cpc' });
    expect(rankingLines(documentOf([item]), view)[1]).toContain('3 May cpc');
  });
});

describe('the ranked table', () => {
  const names = [
    'Plain',
    '春の新作コレクション',
    'Été',
    'E\u0301te\u0301',
    '👩‍👩‍👧 Family',
    'قصة المؤسس',
    'ลดราคา',
    '\u001B[31mred',
  ];

  it('lines its columns up whatever the scripts and figures', () => {
    const items = names.map((id, i) =>
      itemResult({
        id,
        overspend: 10 ** i,
        lostClicks: i % 2 ? null : 5 ** i,
        ctr: analysedMetric(change('2025-05-03')),
      }),
    );
    const lines = rankingLines(documentOf(items), { ...view, sparklines: new Map([['Plain', '█▄▁ ']]) });
    const [heading = ''] = lines;
    const start = heading.indexOf('CREATIVE');
    expect(lines).toHaveLength(names.length + 1);
    for (const [i, line] of lines.slice(1).entries()) {
      const name = names[i]?.replace('\u001B', '\\x1b') ?? '';
      expect(line.endsWith(name)).toBe(true);
      expect(displayWidth(line.slice(0, -name.length))).toBe(start);
    }
  });

  it('cuts names, not figures, so that no line is wider than the terminal', () => {
    const items = names.map((name) => itemResult({ id: name.repeat(60), overspend: 12_345 }));
    for (const width of [72, 80, 100, 140]) {
      const lines = rankingLines(documentOf(items), { ...view, width });
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.slice(1).every((line) => line.includes('£12,345') && line.endsWith('…'))).toBe(true);
    }
  });

  it('says how many creatives it leaves out', () => {
    const items = Array.from({ length: 1300 }, (_, i) => itemResult({ id: `c${i}` }));
    const lines = rankingLines(documentOf(items), { ...view, top: 2 });
    expect(lines).toHaveLength(4);
    expect(lines[3]).toBe('1,298 more; --top 1300 shows all');
    expect(rankingLines(documentOf(items.slice(0, 2)), { ...view, top: 2 })).toHaveLength(3);
    expect(rankingLines(documentOf(items), { ...view, top: 0 })).toEqual([
      '1,300 more; --top 1300 shows all',
    ]);
  });

  it('shows figures, statuses by glyph and word, and a dash for what is not known', () => {
    const lines = rankingLines(
      documentOf([
        itemResult({ id: 'A', status: 'terminal_decline', risk: 0.856, overspend: 3912.4, lostClicks: 2114 }),
        itemResult({ id: 'B', status: 'unknown', risk: null, overspend: null, lostClicks: null }),
        itemResult({ id: 'excluded', ctr: tooShort, cpc: tooShort }),
      ]),
      view,
    );
    expect(lines.map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ['RISK', 'STATUS', 'HEALTH', 'OVERSPEND', 'LOST CLICKS', 'SINCE', 'CREATIVE'],
      ['0.86', '■ terminal', '0.90', '£3,912', '2,114', '–', 'A'],
      ['–', '○ unknown', '0.90', '–', '–', '–', 'B'],
    ]);
  });

  it('names the year only where the period spans more than one', () => {
    const items = [itemResult({ id: 'a', ctr: analysedMetric(change('2025-01-03')) })];
    const document = documentOf(items);
    expect(rankingLines(document, view)[1]).toMatch(/3 Jan {2}/);
    const longer = documentOf(items, { totals: { ...document.totals, from: '2024-11-01' } });
    expect(rankingLines(longer, view)[1]).toContain('3 Jan 2025');
  });

  it('is empty without analysed creatives', () => {
    expect(rankingLines(documentOf([itemResult({ id: 'a', ctr: tooShort, cpc: null })]), view)).toEqual([]);
  });

  it('gives the sparkline up before the name', () => {
    expect([80, 95, 96, 111, 112, Number.POSITIVE_INFINITY].map(sparklineCells)).toEqual([
      0, 0, 8, 8, 16, 16,
    ]);
  });
});

describe('the plain ranking', () => {
  it('is tab-separated with full figures and empty fields', () => {
    const item = itemResult({
      id: 'tab\there',
      status: 'fatigued',
      risk: 0.8564321,
      overspend: null,
      lostClicks: 7,
    });
    expect(plainLines(documentOf([item]), 20)).toEqual([
      'risk\tstatus\thealth\toverspend\tlost_clicks\tsince\tsince_metric\tcreative',
      '0.8564321\tfatigued\t0.9\t\t7\t\t\ttab\\x09here',
    ]);
    const changed = itemResult({ id: 'x', ctr: analysedMetric(change('2025-05-03')) });
    expect(plainLines(documentOf([changed]), 20)[1]).toContain('\t2025-05-03\tctr\tx');
    expect(plainLines(documentOf([item, changed]), 1)).toHaveLength(2);
  });
});

describe('the summary', () => {
  it('names scope, statuses, exclusions and both measures', () => {
    const items = [
      itemResult({ id: 'a', status: 'terminal_decline' }),
      itemResult({ id: 'b', status: 'early_fatigue' }),
      itemResult({ id: 'c' }),
      itemResult({ id: 'd', ctr: tooShort, cpc: tooShort }),
    ];
    expect(summaryLines('Spring\u001B UK', documentOf(items), uncoloured)).toEqual([
      'Spring\\x1b UK   3 creatives analysed, 1 excluded   3 Mar – 6 Jun 2025   100 rows, 0 rejected',
      '■ 1 terminal decline   ▲ 0 fatigued   ◆ 1 early fatigue   ● 1 healthy   ○ 0 not enough evidence',
      'Excluded: 1 too few days',
      'Overspend £32 (3.2 %)   Lost clicks 121,440   (two measures, not added)',
    ]);
  });

  it('says that there is no spend, and what was discovered', () => {
    const document = documentOf([itemResult({ id: 'a', cpc: null })]);
    const lines = summaryLines(
      'x',
      {
        ...document,
        totals: { ...document.totals, spend: null, actualOverspend: null },
        discoveries: {
          method: 'benjamini-hochberg',
          falseDiscoveryRate: 0.1,
          tested: 50,
          items: [{ id: 'a', pValue: 0.001 }],
        },
      },
      uncoloured,
    );
    expect(lines).toContain(
      'Overspend no spend in this dataset   Lost clicks 121,440   (two measures, not added)',
    );
    expect(lines.at(-1)).toBe('At a false discovery rate of 10 %: CTR fell in 1 of 50 creatives');
  });
});
