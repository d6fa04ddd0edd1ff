import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DayFormat, formatDay, parseDay } from '../../../lambdas/domain/observation/day.ts';

const day = (text: string, format: DayFormat | null = null) => {
  const number = parseDay(text, format);
  return number === null ? null : formatDay(number);
};

describe('a day', () => {
  it.each(['2025-03-04', '2025/03/04', '20250304'])('is read from %s', (text) => {
    expect(day(text)).toBe('2025-03-04');
  });

  it.each([
    ['2025-03-04T23:30:00Z', '2025-03-04'],
    ['2025-03-04t23:30:00.123456z', '2025-03-04'],
    ['2025-03-04 23:59:60Z', '2025-03-04'],
    ['2025-03-04T23:30:00-01:00', '2025-03-05'],
    ['2025-03-04T00:30:00+01:00', '2025-03-03'],
    ['2024-02-29T00:00:00+00:01', '2024-02-28'],
  ])('of the timestamp %s is its day in UTC, %s', (text, expected) => {
    expect(day(text)).toBe(expected);
  });

  it.each([
    '2025-03-04T23:30:00',
    '2025-03-04T24:00:00Z',
    '2025-03-04T10:60:00Z',
    '2025-03-04T10:00:00+24:00',
    '2025-3-4',
    '2025-13-01',
    '2025-02-29',
    '1900-02-29',
    '2025-00-10',
    '2025-04-31',
    '2025-03/04',
    '04-03-2025',
    '1741046400',
    '2025-03-04x',
    '',
  ])('is not guessed from %s', (text) => {
    expect(day(text)).toBeNull();
  });

  it('is read in another order only when that is named', () => {
    expect(day('03/04/2025')).toBeNull();
    expect(day('03/04/2025', 'YYYY-MM-DD')).toBeNull();
    expect(day('03/04/2025', 'DD/MM/YYYY')).toBe('2025-04-03');
    expect(day('03/04/2025', 'MM/DD/YYYY')).toBe('2025-03-04');
    expect(day('13/04/2025', 'MM/DD/YYYY')).toBeNull();
  });

  it('agrees with the platform’s calendar over the years 0 to 9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), (number) => {
        const text = formatDay(number);
        expect(text).toBe(new Date(number * 86_400_000).toISOString().slice(0, 10));
        expect(parseDay(text, null)).toBe(number);
      }),
      { numRuns: 2000 },
    );
  });
});
