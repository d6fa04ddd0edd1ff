import { describe, expect, it } from 'vitest';
import { findColumns } from '../../../lambdas/domain/observation/columns.ts';
import type { DayFormat } from '../../../lambdas/domain/observation/day.ts';
import { readRateRow, readRow } from '../../../lambdas/domain/observation/row.ts';

const columns = findColumns(['ad_name', 'day', 'impressions', 'link_clicks', 'spend'], {}, null);
const read = (fields: string[], format: DayFormat | null = null) => readRow(fields, columns, format);
const valid = ['Ad', '2025-03-03', '1000', '20', '1.50'];
const withField = (at: number, text: string) => valid.map((field, i) => (i === at ? text : field));
const EMOJI = '🙂';

describe('a row', () => {
  it('is read with exact numbers, every field trimmed as ECMAScript does', () => {
    expect(read([' Ad\u00a0', '\t2025-03-03', ' 1000', '20 ', '1.5'])).toEqual({
      item: 'Ad',
      day: 20150,
      impressions: 1000,
      clicks: 20,
      spendMicros: 1_500_000,
    });
  });

  it('keeps ids apart by case and by normalisation', () => {
    const ids = ['Ad', 'ad', 'é', 'e\u0301'].map((id) => read(withField(0, id)));
    expect(new Set(ids.map((row) => ('item' in row ? row.item : ''))).size).toBe(4);
  });

  it.each([
    ['missing_field', 'item', withField(0, '   '), ''],
    ['bad_item', 'item', withField(0, 'x'.repeat(513)), 'x'.repeat(513)],
    ['bad_item', 'item', withField(0, 'a\0b'), 'a\0b'],
    ['bad_item', 'item', withField(0, 'half \ud83d'), 'half \ud83d'],
    ['missing_field', 'day', withField(1, ''), ''],
    ['bad_day', 'day', withField(1, '03/04/2025'), '03/04/2025'],
    ['missing_field', 'impressions', withField(2, ' '), ''],
    ['bad_integer', 'impressions', withField(2, '1,000'), '1,000'],
    ['bad_integer', 'impressions', withField(2, '1000.0'), '1000.0'],
    ['bad_integer', 'impressions', withField(2, '+5'), '+5'],
    ['bad_integer', 'impressions', withField(2, '1e3'), '1e3'],
    ['bad_integer', 'impressions', withField(2, '٣'), '٣'],
    ['negative', 'impressions', withField(2, '-1'), '-1'],
    ['missing_field', 'clicks', withField(3, ''), ''],
    ['negative', 'clicks', withField(3, '-20'), '-20'],
    ['missing_field', 'spend', withField(4, ''), ''],
    ['bad_decimal', 'spend', withField(4, '£1.50'), '£1.50'],
    ['bad_decimal', 'spend', withField(4, '1.1234567'), '1.1234567'],
    ['bad_decimal', 'spend', withField(4, '.5'), '.5'],
    ['bad_decimal', 'spend', withField(4, '5.'), '5.'],
    ['negative', 'spend', withField(4, '-0.01'), '-0.01'],
    ['clicks_exceed_impressions', 'clicks', withField(3, '1001'), '1001'],
  ])('is refused as %s of %s', (reason, field, fields, text) => {
    expect(read(fields)).toEqual({ reason, field, text });
  });

  it('gives the first reason in the order item, day, impressions, clicks, spend, clicks_exceed_impressions', () => {
    const broken = ['', 'never', 'many', '-1', 'free'];
    const reasons = broken.map((_, fixed) =>
      read(broken.map((field, i) => (i < fixed ? (valid[i] ?? '') : field))),
    );
    expect(reasons.map((refusal) => ('field' in refusal ? refusal.field : null))).toEqual([
      'item',
      'day',
      'impressions',
      'clicks',
      'spend',
    ]);
    expect(read(['Ad', '2025-03-03', '10', '11', 'free'])).toMatchObject({ field: 'spend' });
  });

  it('counts the 512 bytes of an id in UTF-8', () => {
    expect(read(withField(0, EMOJI.repeat(128)))).toMatchObject({ item: EMOJI.repeat(128) });
    expect(read(withField(0, `${EMOJI.repeat(128)}x`))).toMatchObject({ reason: 'bad_item' });
  });

  it('compares clicks with impressions exactly where doubles cannot', () => {
    expect(read(['Ad', '2025-03-03', '9007199254740992', '9007199254740993', '0'])).toMatchObject({
      reason: 'clicks_exceed_impressions',
    });
    expect(read(['Ad', '2025-03-03', '9'.repeat(200), '0', '0'])).toMatchObject({ impressions: 2 ** 53 });
  });
});

describe('clicks from a ctr column', () => {
  const rate = findColumns(['ad_name', 'day', 'impressions', 'ctr'], {}, null);
  const clicks = (impressions: string, ctr: string) => {
    const reading = readRateRow(['Ad', '2025-03-03', impressions, ctr], rate, null);
    const of = (side: object) => ('clicks' in side ? side.clicks : side);
    return {
      asFraction: of(reading.asFraction),
      asPercentage: of(reading.asPercentage),
      shows: reading.exceedsOne,
    };
  };

  it('are rounded half up on the decimal text', () => {
    // 0.145 × 1000 = 145 exactly and 0.0145 × 100 = 1.45; in binary 1.005 × 100 would be 100.49999999999999.
    expect(clicks('1000', '0.145')).toEqual({ asFraction: 145, asPercentage: 1, shows: false });
    expect(clicks('50', '0.05').asFraction).toBe(3);
    expect(clicks('10000', '1.005')).toMatchObject({ asPercentage: 101, shows: true });
  });

  it('divide a value with a percent sign by 100 under both readings, and do not make the column a percentage', () => {
    expect(clicks('1000', '2.5%')).toEqual({ asFraction: 25, asPercentage: 25, shows: false });
  });

  it('tell a percentage by any unsigned value above 1, even in a row refused for something else', () => {
    expect(clicks('1000', '1')).toMatchObject({ shows: false });
    expect(clicks('1000', '1.0000001')).toMatchObject({ shows: true });
    const refused = readRateRow(['', '2025-03-03', '1000', '2.5'], rate, null);
    expect(refused).toMatchObject({ asFraction: { reason: 'missing_field' }, exceedsOne: true });
  });

  it('are refused where the ctr is', () => {
    expect(clicks('1000', '-0.1').asFraction).toMatchObject({ reason: 'negative', field: 'ctr' });
    expect(clicks('1000', '').asFraction).toMatchObject({ reason: 'missing_field', field: 'ctr' });
    expect(clicks('1000', 'n/a').asFraction).toMatchObject({ reason: 'bad_decimal', field: 'ctr' });
    expect(clicks('10', '2').asFraction).toMatchObject({ reason: 'clicks_exceed_impressions', field: 'ctr' });
  });
});
