import { describe, expect, it } from 'vitest';
import { good, HEADER, scanChecked } from './scans.ts';

describe('a row out of the ordinary', () => {
  const reasons = async (text: string | Uint8Array, options = {}) =>
    (await scanChecked(text, options)).tallies[0]!.reasons;

  it('is refused for each reason, between rows that are not', async () => {
    const bad = [
      ['stray"quote,2025-01-02,1,1,1', 'bad_quoting'],
      ['"closed"early,2025-01-02,1,1,1', 'bad_quoting'],
      ['a,2025-01-02,1,1,"1"2', 'bad_quoting'],
      ['a,2025-01-02', 'column_count'],
      ['a,2025-01-02,1,1', 'column_count'],
      ['a,2025-01-02,1,1,1,', 'column_count'],
      ['a,2025-01-02,1,1,1,,,,,,,,', 'column_count'],
      [',2025-01-02,1,1,1', 'missing_field'],
      ['"\u2003",2025-01-02,1,1,1', 'missing_field'],
      [`${'n'.repeat(513)},2025-01-02,1,1,1`, 'bad_item'],
      ['a,2025-02-30,1,1,1', 'bad_day'],
      ['a,02/01/2025,1,1,1', 'bad_day'],
      ['a,2025-01-02,1.0,1,1', 'bad_integer'],
      ['a,2025-01-02,1,1,1.0000001', 'bad_decimal'],
      ['a,2025-01-02,-1,1,1', 'negative'],
      ['a,2025-01-02,1,2,1', 'clicks_exceed_impressions'],
    ];
    const rows = bad.flatMap(([row]) => [good('a'), row, good('a'), '']);
    const counts: Record<string, number> = {};
    for (const [, reason = ''] of bad) counts[reason] = (counts[reason] ?? 0) + 1;
    for (const lineBreak of ['\n', '\r\n'])
      expect(await reasons([HEADER, ...rows].join(lineBreak))).toEqual(counts);
  });

  it('may begin as the row before it, and end early', async () => {
    for (const item of ['a', 'a longer name of an item', '"a"']) {
      const text = [HEADER, good(item), `${item},2025-01-02`, '5,1,1', good(item), ''].join('\n');
      expect(await reasons(text)).toEqual({ column_count: 2 });
    }
  });

  it('is refused for invalid UTF-8 in any column, without the rows around it', async () => {
    for (let column = 0; column < 6; column++) {
      for (const byte of ['\xff', '\xc3', '\x80', '\xed\xa0\x80', '"\xff"', '"x\xffy"']) {
        const fields = ['a', '2025-01-02', '9', '1', '2', 'note'];
        fields[column] = byte;
        const rows = ['a,2025-01-02,9,1,2,note', fields.join(','), 'a,2025-01-02,9,1,2,\xc3\xa9'];
        const bytes = Buffer.from([`${HEADER},note`, ...rows, ''].join('\n'), 'latin1');
        expect(await reasons(bytes)).toEqual({ bad_utf8: 1 });
      }
    }
  });

  it('may hold lone carriage returns and control characters', async () => {
    expect(await reasons(`${HEADER}\n${good('a\rb')}\n${good('\x01')}\r\r\n${good('\r')}`)).toEqual({
      missing_field: 1,
    });
  });

  it('may hold NUL bytes, but not in the name of its item', async () => {
    const rows = [`${good('a')},x\0y`, `${good('a\0b')},-`];
    expect(await reasons([`${HEADER},note`, ...rows, ''].join('\n'))).toEqual({ bad_item: 1 });
  });

  it('may be far longer than a block', async () => {
    const long = 'x'.repeat(700_000);
    const note = (text: string) => `${good('a')},${text}`;
    const rows = [note('-'), note(long), note(`"${long}\n"`), note('-'), note(`"${long}${long}"`), note('-')];
    const { tallies, rowsRead } = await scanChecked([`${HEADER},note`, ...rows, ''].join('\n'));
    expect(rowsRead).toBe(6);
    expect(tallies[0]!.reasons).toEqual({ bad_quoting: 1 });
  });

  it('is refused from the first byte past a mebibyte', async () => {
    for (const [extra, lineBreak] of [
      [0, '\n'],
      [0, '\r\n'],
      [1, '\n'],
      [1, '\r\n'],
      [2, '\n'],
    ] as const) {
      const row = good('a');
      const fill = 'x'.repeat((1 << 20) - row.length - 1 + extra);
      const text = [`${HEADER},note`, `${row},-`, `${row},${fill}`, `${row},-`, ''].join(lineBreak);
      expect(await reasons(text)).toEqual(extra === 0 ? {} : { bad_quoting: 1 });
    }
  });

  it('may open a quote that never closes', async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => good(`item ${i % 100}`));
    rows[30_000] = `"${rows[30_000]}`;
    expect(await reasons([HEADER, ...rows].join('\n'))).toEqual({ bad_quoting: 1 });
  });

  it('may name its item in more bytes than are learned', async () => {
    const text = [HEADER, ...Array.from({ length: 5 }, () => good(`${' '.repeat(5_000)}a`))].join('\n');
    const { tallies } = await scanChecked(text);
    expect(tallies[0]!.totals).toEqual({ 'a|20090': [5_000, 100, 17_500_000] });
  });

  it('may give a rate for its clicks', async () => {
    const rows = [
      'a,2025-01-02,200,0.5',
      'a,2025-01-02,200,2.5%',
      'b,2025-01-02,1000,1.5',
      'c,2025-01-02,1,x',
    ];
    const { tallies, percentSeen } = await scanChecked(['ad,day,impressions,ctr', ...rows].join('\n'));
    expect(percentSeen).toBe(true);
    expect(tallies.map(({ totals }) => totals['a|20090'])).toEqual([
      [400, 105, 0],
      [400, 6, 0],
    ]);
  });
});
