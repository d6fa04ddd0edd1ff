import { describe, expect, it } from 'vitest';
import { exclusionOf } from '../../../lambdas/domain/assess/exclusion.ts';
import { type AnalysisParameters, resolveParameters } from '../../../lambdas/domain/parameters.ts';
import { type Day, repeat, seriesOf } from './builders.ts';

const day: Day = { impressions: 1000, clicks: 20 };

/** Observations that follow each other after so many days. */
const spaced = (gaps: readonly number[]) => [day, ...gaps.map((after) => ({ ...day, after }))];

const excluded = (days: readonly Day[], given: Partial<AnalysisParameters> = {}) =>
  exclusionOf(seriesOf(days), resolveParameters(given));

describe('exclusion', () => {
  it('spares a series at every limit', () => {
    expect(excluded(repeat(30, day))).toBeNull();
    // 30 observations over 60 days, with one gap of 7.
    const limit = spaced([7, ...Array<number>(23).fill(2), ...Array<number>(5).fill(1), 1]);
    expect(limit).toHaveLength(31);
    expect(excluded(limit, { minDensity: 31 / 60, minDays: 31 })).toBeNull();
  });

  it('names no data, with undefined figures as null', () => {
    expect(excluded([])).toEqual({ reason: 'no_data', n: 0, gap: null, density: null });
    expect(excluded([{ impressions: 0, clicks: 0 }])).toEqual({
      reason: 'no_data',
      n: 0,
      gap: null,
      density: null,
    });
    expect(excluded([], { minDays: 0 })?.reason).toBe('no_data');
  });

  it('names too few days, with figures', () => {
    expect(excluded([day])).toEqual({ reason: 'too_few_days', n: 1, gap: null, density: 1 });
    expect(excluded(repeat(29, day))).toEqual({ reason: 'too_few_days', n: 29, gap: 1, density: 1 });
  });

  it('counts only days on which the metric is defined', () => {
    const paused = [...repeat(29, day), { impressions: 0, clicks: 0 }, { impressions: 0, clicks: 0 }];
    expect(excluded(paused)?.n).toBe(29);
  });

  it('names the longest gap', () => {
    expect(excluded(spaced([...Array<number>(20).fill(1), 8, 3, ...Array<number>(10).fill(1)]))).toEqual({
      reason: 'gap_too_long',
      n: 33,
      gap: 8,
      density: 33 / 42,
    });
  });

  it('names sparseness', () => {
    expect(excluded(spaced(Array<number>(29).fill(3)))).toEqual({
      reason: 'too_sparse',
      n: 30,
      gap: 3,
      density: 30 / 88,
    });
    expect(excluded(spaced(Array<number>(29).fill(3)), { minDensity: 30 / 88 })).toBeNull();
  });

  it('gives the first reason that applies', () => {
    const sparse = spaced(Array<number>(5).fill(20));
    expect(excluded(sparse)?.reason).toBe('too_few_days');
    expect(excluded(sparse, { minDays: 6 })?.reason).toBe('gap_too_long');
    expect(excluded(sparse, { minDays: 6, maxGapDays: 20 })?.reason).toBe('too_sparse');
    expect(excluded(sparse, { minDays: 6, maxGapDays: 20, minDensity: 0 })).toBeNull();
  });
});
