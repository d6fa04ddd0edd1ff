import { describe, expect, it } from 'vitest';
import { AnalysisError } from '../../../lambdas/domain/errors.ts';
import { type ColumnMapping, findColumns, foldName } from '../../../lambdas/domain/observation/columns.ts';

const found = (header: string[], mapping: ColumnMapping = {}, currency: string | null = null) => {
  const { names, index, currency: code } = findColumns(header, mapping, currency);
  const name = (at: number) => names[at] ?? null;
  return {
    ...Object.fromEntries(Object.entries(index).map(([field, at]) => [field, name(at)])),
    currency: code,
  };
};
const refusal = (header: string[], mapping: ColumnMapping = {}): AnalysisError => {
  try {
    findColumns(header, mapping, null);
  } catch (error) {
    if (error instanceof AnalysisError) return error;
  }
  throw new Error('no AnalysisError');
};

describe('columns', () => {
  it('are matched after folding case and runs of separators', () => {
    expect(foldName('  Amount spent (GBP)')).toBe('amount_spent_gbp');
    expect(foldName('CTR (link click-through rate)')).toBe('ctr_link_click_through_rate');
    expect(found(['Ad name', 'Day', 'Impressions', 'Link clicks', 'Amount spent (EUR)'])).toEqual({
      item: 'Ad name',
      day: 'Day',
      impressions: 'Impressions',
      clicks: 'Link clicks',
      spend: 'Amount spent (EUR)',
      ctr: null,
      currency: 'EUR',
    });
  });

  it('are tried in the order of the synonyms, not of the file', () => {
    const header = [
      'id',
      'date',
      'clicks',
      'impr',
      'ctr',
      'cost',
      'link_clicks',
      'day',
      'ad',
      'amount_spent_gbp',
    ];
    expect(found(header)).toMatchObject({
      item: 'ad',
      day: 'day',
      clicks: 'link_clicks',
      spend: 'amount_spent_gbp',
    });
  });

  it('given by mapping beat every synonym, by their exact name or folded', () => {
    const header = ['ad_name', 'Title', 'day', 'impressions', 'clicks', 'Kosten CHF'];
    expect(found(header, { item: 'Title', spend: 'kosten_chf' })).toMatchObject({
      item: 'Title',
      spend: 'Kosten CHF',
      currency: 'CHF',
    });
    expect(refusal(header, { clicks: 'Klicks' }).message).toContain('No column "Klicks"');
  });

  it('use ctr only when there is no column of clicks', () => {
    expect(found(['ad', 'day', 'impressions', 'CTR', 'clicks'])).toMatchObject({
      clicks: 'clicks',
      ctr: null,
    });
    expect(found(['ad', 'day', 'impressions', 'CTR'])).toMatchObject({
      clicks: null,
      ctr: 'CTR',
      spend: null,
    });
  });

  it('name the currency: suffix, then the caller’s, then GBP', () => {
    const header = ['ad', 'day', 'impressions', 'clicks'];
    expect(found([...header, 'amount_spent_usd'], {}, 'EUR')).toMatchObject({ currency: 'USD' });
    expect(found([...header, 'amount_spent_abc'], {}, 'eur')).toMatchObject({ spend: null, currency: 'EUR' });
    expect(found([...header, 'spend'])).toMatchObject({ currency: 'GBP' });
    expect(() => findColumns(header, {}, 'POUND')).toThrow('not an ISO 4217');
  });

  it('that are missing are named together with those found and those wanted', () => {
    const error = refusal(['ad_name', 'day', 'views', 'spend']);
    expect(error.code).toBe('missing_columns');
    expect(error.message).toContain(
      'No column for impressions, clicks (or ctr). Found: ad_name, day, views, spend.',
    );
    expect(error.message).toContain('impressions, impr, imps');
    expect(error.remedy).toContain('impressions=');
  });
});
