import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayNumber } from '../../../lambdas/domain/observation/day.ts';
import {
  counted,
  longDay,
  percentage,
  shortPercentage,
  significant,
  standing,
} from '../../../lambdas/domain/report/format.ts';

describe('figures in words', () => {
  it('days', () => {
    const text = (year: number, month: number, day: number) => longDay(dayNumber(year, month, day)!);
    expect(text(2025, 5, 3)).toBe('3 May 2025');
    expect(text(2024, 2, 29)).toBe('29 Feb 2024');
    expect(text(1969, 12, 31)).toBe('31 Dec 1969');
  });

  it('percentages of three significant digits', () => {
    expect([0.02357, 0.1, 1, 0.0099951, 0.00999, 0.000123456, 0].map((ratio) => percentage(ratio))).toEqual([
      '2.36 %',
      '10.0 %',
      '100 %',
      '1.00 %',
      '0.999 %',
      '0.0123 %',
      '0 %',
    ]);
  });

  it('short percentages', () => {
    expect([0.5, 0.046, 1 / 3, 1, 0].map(shortPercentage)).toEqual([
      '50 %',
      '4.6 %',
      '33.3 %',
      '100 %',
      '0 %',
    ]);
  });

  it('numbers never take an exponent', () => {
    expect(significant(1.234e-9, 2)).toBe('0.0000000012');
    expect(significant(123456, 2)).toBe('123456');
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e15, noNaN: true }), (value) => {
        const text = significant(value, 3);
        expect(text).toMatch(/^\d+(\.\d+)?$/);
        expect(Math.abs(Number(text) / value - 1)).toBeLessThanOrEqual(0.0051);
      }),
    );
  });

  it('standings against a benchmark', () => {
    expect(standing(0.0141, 0.0236)).toBe('40 % lower than');
    expect(standing(0.03, 0.02)).toBe('50 % higher than');
    expect(standing(0.01996, 0.02)).toBe('level with');
    expect(standing(0.0198, 0.02)).toBe('1 % lower than');
    expect(standing(0, 0.02)).toBe('100 % lower than');
    expect(standing(0, 0)).toBe('level with');
    expect(standing(0.1, 0)).toBe('above');
  });

  it('counts', () => {
    expect([0, 1, 2].map((count) => counted(count, 'day'))).toEqual(['0 days', '1 day', '2 days']);
  });
});
