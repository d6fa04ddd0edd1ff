import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delimiters } from './any-input.ts';
import { good, HEADER, scanChecked } from './scans.ts';

describe('an ordinary row', () => {
  const totals = async (text: string | Uint8Array, options = {}) =>
    (await scanChecked(text, options)).tallies[0]!.totals;

  it.each(delimiters)('is read with the delimiter %j', async (delimiter) => {
    const rows = [HEADER, good('a'), good('"x,;\t|"'), good('b|')].map((row) =>
      row.replaceAll(/,(?=[^"]*(?:"[^"]*"[^"]*)*$)/g, delimiter),
    );
    expect(Object.keys(await totals(rows.join('\n')))).toContain('x,;\t||20090');
  });

  it('adds up the rows of a cell, in order or not', async () => {
    const rows = [
      'a,2025-01-02,5,1,1.5',
      'a,2025-01-02,7,2,0.25',
      'b,2025-01-02,1,0,0',
      'a,2025-01-02,1,1,1',
    ];
    expect(await totals([HEADER, ...rows].join('\n'))).toEqual({
      'a|20090': [13, 4, 2_750_000],
      'b|20090': [1, 0, 0],
    });
  });

  it('observes a day on which nothing happened', async () => {
    const rows = [
      'a,2025-01-02,0,0,0',
      'a,2025-01-02,0,0,0',
      'b,2025-01-31,0,0,0.00',
      'b,2025-02-01,0,0,0.5',
    ];
    expect(await totals([HEADER, ...rows].join('\n'))).toEqual({
      'a|20090': [0, 0, 0],
      'b|20119': [0, 0, 0],
      'b|20120': [0, 0, 500_000],
    });
  });

  it.each([
    ['0', 0],
    ['000000012', 12],
    ['12345678', 12_345_678],
    ['123456789', 123_456_789],
    ['1234567890', 1_234_567_890],
    ['999999999999999', 999_999_999_999_999],
    ['1234567890123456', 1_234_567_890_123_456],
    ['9007199254740991', 2 ** 53 - 1],
    ['9007199254740993', 2 ** 53],
    ['12345678901234567890', 2 ** 53],
    ['"42"', 42],
    [' 42 ', 42],
  ])('has the integer %s', async (text, value) => {
    expect(await totals(`${HEADER}\na,2025-01-02,${text},${text},1\n`)).toEqual({
      'a|20090': [value, value, 1_000_000],
    });
  });

  it.each([
    ['0', 0],
    ['7', 7_000_000],
    ['12.5', 12_500_000],
    ['0.000001', 1],
    ['0.123456', 123_456],
    ['"1234.50"', 1_234_500_000],
    ['99999999.999999', 99_999_999_999_999],
    ['123456789.123456', 123_456_789_123_456],
    ['99999999', 99_999_999_000_000],
    ['999999999', 999_999_999_000_000],
    ['9999999999', 2 ** 53],
    ['18446744073710', 2 ** 53],
    ['999999999999999', 2 ** 53],
    ['0000000000000000000000012.5', 12_500_000],
  ])('has the spend %s', async (text, micros) => {
    for (const end of ['', '\n', '\r\n']) {
      expect(await totals(`${HEADER}\na,2025-01-02,9,1,${text}${end}`)).toEqual({
        'a|20090': [9, 1, micros],
      });
    }
  });

  it.each([
    '1.1234567',
    '.5',
    '5.',
    '1.2.3',
    '1,5',
    '1e3',
    '-1',
    '+1',
    '',
    ' ',
    '1 2',
    '0x10',
    '١',
    '1/',
    '1:',
    '/1',
  ])('does not have the spend %j, nor the integer', async (text) => {
    const quoted = `"${text}"`;
    for (const field of text.includes(',') ? [quoted] : [text, quoted]) {
      const rows = [`a,2025-01-02,9,1,${field}`, `a,2025-01-02,${field},1,2`, `a,2025-01-02,9,${field},2`];
      expect(await totals([HEADER, ...rows].join('\n'))).toEqual({});
    }
  });

  it('has any day of the calendar and no other', async () => {
    const days: string[] = [];
    for (const year of ['0000', '0001', '1600', '1900', '1969', '1970', '2000', '2023', '2024', '9999']) {
      for (const month of [
        '00',
        '01',
        '02',
        '03',
        '04',
        '05',
        '06',
        '07',
        '08',
        '09',
        '10',
        '11',
        '12',
        '13',
      ]) {
        for (const day of ['00', '01', '28', '29', '30', '31', '32']) days.push(`${year}-${month}-${day}`);
      }
    }
    const real = days.filter((text) => {
      const date = new Date(`${text}T00:00:00Z`);
      return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
    });
    expect(real.length).toBeGreaterThan(500);
    const odd = [
      '2025-1-02',
      '2025-01-2',
      '2025-01-021',
      '2025.01.02',
      '202-501-02',
      '2025-01-0:',
      '2025-01-0/',
    ];
    const rows = [...days, ...odd].map((day) => `a,${day},1,1,1`);
    const read = await totals([HEADER, ...rows].join('\n'));
    expect(Object.keys(read).sort()).toEqual(
      real.map((text) => `a|${Date.parse(`${text}T00:00:00Z`) / 86_400_000}`).sort(),
    );
  });

  it('may have its day written in another way', async () => {
    const days = [
      '20250102',
      '2025/01/02',
      '02/01/2025',
      '2025-01-02T01:00:00Z',
      '"2025-01-01 23:30:00-02:00"',
    ];
    const rows = days.flatMap((day) => [good('a', day), good('a', day), good('b', day)]);
    expect(await totals([HEADER, ...rows].join('\n'), { dayFormat: 'DD/MM/YYYY' })).toEqual({
      'a|20090': [10_000, 200, 35_000_000],
      'b|20090': [5_000, 100, 17_500_000],
    });
    expect(await totals([HEADER, ...rows].join('\n'), { dayFormat: 'MM/DD/YYYY' })).toHaveProperty('b|20120');
  });

  it('may have its day written in thousands of ways', async () => {
    const rows = Array.from({ length: 6_000 }, (_, i) => {
      const time = new Date(Date.UTC(2025, 0, 2) + i * 1000).toISOString().slice(0, 19);
      return good('a', `${time}Z`);
    });
    expect(await totals([HEADER, ...rows].join('\n'))).toEqual({
      'a|20090': [6_000_000, 120_000, 21_000_000_000],
    });
  });

  it('may name its item in another way', async () => {
    const names = ['a', ' a', '"a"', '"a "', '\u00a0a\ufeff', '"a\n"'];
    expect(await totals([HEADER, ...names.map((name) => good(name))].join('\n'))).toEqual({
      'a|20090': [6_000, 120, 21_000_000],
    });
  });

  it('tells apart items by every byte of their names', async () => {
    for (const length of [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100, 512]) {
      const names = Array.from({ length }, (_, i) => `${'x'.repeat(i)}y${'x'.repeat(length - 1 - i)}`);
      const rows = [...names, ...names].map((name) => good(name));
      expect(Object.keys(await totals([HEADER, ...rows].join('\n'))).length).toBe(length);
    }
  });

  it('may be of any of very many items and days', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) =>
      good(`item ${i % 19_997}`, `2025-0${1 + (i % 7)}-02`),
    );
    expect(Object.keys(await totals([HEADER, ...rows].join('\n'))).length).toBe(40_000);
  });

  it('may have its columns in any order, and others among them', async () => {
    const fields = { ad_name: '"a,b"', day: '2025-01-02', impressions: '9', clicks: '3', spend: '1.5' };
    const names = Object.keys(fields) as (keyof typeof fields)[];
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(names, { minLength: 5 }),
        fc.array(fc.nat(5), { maxLength: 3 }),
        async (order, others) => {
          const columns: string[] = [...order];
          for (const at of others) columns.splice(at, 0, `other ${columns.length}`);
          const row = columns.map((name) => fields[name as keyof typeof fields] ?? '"x,\n""y"');
          const text = [columns, row, row, row].map((line) => line.join(',')).join('\n');
          expect(await totals(text)).toEqual({ 'a,b|20090': [27, 9, 4_500_000] });
        },
      ),
    );
  });

  it('may have thousands of columns', async () => {
    const more = Array.from({ length: 5_000 }, (_, i) => `c${i}`).join(',');
    const text = `${HEADER},${more}\n${good('a')},${more}\n`;
    expect(Object.keys(await totals(text))).toEqual(['a|20090']);
  });

  it('may give one column to two fields', async () => {
    const mapping = { item: 'a', day: 'd', impressions: 'n', clicks: 'zero', spend: 'n' };
    expect(await totals('a,d,n,zero\nx,2025-01-02,7,0\n', { mapping })).toEqual({
      'x|20090': [7, 0, 7_000_000],
    });
  });

  it('may have no spend, and totals past 2^53', async () => {
    const rows = Array.from({ length: 12 }, () => 'a,2025-01-02,999999999999999,999999999999999');
    expect(await totals(['ad_name,day,impressions,clicks', ...rows].join('\n'))).toEqual({
      'a|20090': [2 ** 53, 2 ** 53, 0],
    });
  });
});
