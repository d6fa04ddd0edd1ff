import { expect, it } from 'vitest';
import {
  bytes,
  count,
  counted,
  day,
  duration,
  money,
  percent,
  period,
  score,
  wholeDuration,
} from '../../cli/format.ts';

it('writes counts, scores and money, and a dash for what is not known', () => {
  expect([count(121_440), count(0), count(null)]).toEqual(['121,440', '0', '–']);
  expect([counted(1, 'row'), counted(2, 'row'), counted(0, 'is', 'are')]).toEqual([
    '1 row',
    '2 rows',
    '0 are',
  ]);
  expect([score(0.856), score(1), score(null)]).toEqual(['0.86', '1.00', '–']);
  expect([money(3912.4, 'GBP'), money(0.4, 'USD'), money(null, 'EUR')]).toEqual(['£3,912', '$0', '–']);
});

it('writes shares, sizes and times to the digits that matter', () => {
  expect([0.0324, 0.00114, 0, 1].map(percent)).toEqual(['3.2 %', '0.11 %', '0 %', '100 %']);
  expect([999, 840_564, 999_999, 1.04e9].map(bytes)).toEqual(['999 B', '841 kB', '1 MB', '1.04 GB']);
  expect([0.04, 9.94, 9.96, 119.4, 200].map(duration)).toEqual([
    '0.0 s',
    '9.9 s',
    '10 s',
    '119 s',
    '3 min 20 s',
  ]);
  expect([0, 0.2, 2.1, 240].map(wholeDuration)).toEqual(['1 s', '1 s', '3 s', '4 min 0 s']);
});

it('writes days, whatever the time zone', () => {
  expect([day('2025-05-03'), day('2025-05-03', false)]).toEqual(['3 May 2025', '3 May']);
  expect(period('2025-03-03', '2025-06-06')).toBe('3 Mar – 6 Jun 2025');
  expect(period('2025-03-03', '2025-03-03')).toBe('3 Mar 2025');
  expect(period('2024-12-30', '2025-01-06')).toBe('30 Dec 2024 – 6 Jan 2025');
});
