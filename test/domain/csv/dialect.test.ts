import { describe, expect, it } from 'vitest';
import { readDialect } from '../../../lambdas/domain/csv/dialect.ts';

const dialect = (text: string, final = true) => readDialect(Buffer.from(text), final, null);

describe('the dialect of a CSV', () => {
  it.each([',', ';', '\t', '|'] as const)(
    'has the most frequent delimiter outside quotes, %j',
    (delimiter) => {
      const header = ['"a,b;c|d\te,;|\t"', 'day', 'x', 'y'].join(delimiter);
      expect(dialect(`${header}\n1,2,3,4,5,6,7,8\n`)).toMatchObject({ delimiter });
    },
  );

  it('may be given', () => {
    expect(readDialect(Buffer.from('a,b,c;d\n'), true, ';')).toMatchObject({ header: ['a,b,c', 'd'] });
  });

  it('knows where the data starts: byte order mark, empty lines and line breaks in the header counted', () => {
    expect(dialect('\ufeff\r\n\n"ad\nname", day \r\nx')).toEqual({
      delimiter: ',',
      header: ['ad\nname', 'day'],
      dataStart: 23,
      dataLine: 5,
    });
  });

  it('is not known before the header ends', () => {
    expect(dialect('ad_name,day', false)).toBeNull();
    expect(dialect('', false)).toBeNull();
    expect(dialect('\ufeff\n', false)).toBeNull();
  });

  it('does not exist in an empty input, or in one that is no CSV', () => {
    expect(() => dialect('')).toThrow(expect.objectContaining({ code: 'empty_dataset' }));
    expect(() => dialect('\ufeff\r\n')).toThrow(expect.objectContaining({ code: 'empty_dataset' }));
    expect(() => dialect('a"b,c\n')).toThrow(expect.objectContaining({ code: 'unsupported_format' }));
    expect(() => dialect('a\0b,c\n')).toThrow(expect.objectContaining({ code: 'unsupported_format' }));
  });
});
