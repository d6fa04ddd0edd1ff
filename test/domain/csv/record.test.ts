import { describe, expect, it } from 'vitest';
import { fieldText, MAX_RECORD_BYTES, readRecord } from '../../../lambdas/domain/csv/record.ts';

const COMMA = 0x2c;

function records(text: string, final = true): unknown[] {
  const bytes = Buffer.from(text);
  const read: unknown[] = [];
  for (let at = 0; at < bytes.length; ) {
    const record = readRecord(bytes, at, bytes.length, COMMA, final);
    if (record.kind !== 'fields') {
      read.push(record.kind);
      if (record.kind === 'incomplete' || record.next === null) break;
      at = record.next;
    } else {
      read.push(record.ranges.map((range) => fieldText(bytes, range)));
      at = record.next;
    }
  }
  return read;
}

describe('a record', () => {
  it('ends at LF, CRLF or the end of the input', () => {
    expect(records('a,b\nc,d\r\ne,f')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ]);
    expect(records('a,"b"\r\n"c","d"')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('holds delimiters, doubled quotes and line breaks in quoted fields', () => {
    expect(records('"a,b","say ""hi""","two\r\nlines",""\n')).toEqual([
      ['a,b', 'say "hi"', 'two\r\nlines', ''],
    ]);
  });

  it('keeps empty fields and lone carriage returns', () => {
    expect(records(',\r,\n')).toEqual([['', '\r', '']]);
  });

  it.each([
    ['a quote inside an unquoted field', 'a"b,c\nd,e\n'],
    ['text behind a closing quote', '"a"b,c\nd,e\n'],
    ['a space before an opening quote', ' "a",c\nd,e\n'],
    ['a quote that never closes', '"a,c\nd,e\n'],
    ['a carriage return behind a closing quote', '"a"\r,c\nd,e\n'],
  ])('with %s is malformed for the length of one physical line', (_, text) => {
    expect(records(text)).toEqual(['malformed', ['d', 'e']]);
  });

  it('asks for more bytes as long as they could change the answer', () => {
    for (const text of ['a', 'a,"b', 'a,"b"', 'a,"b"\r', 'a,b\r'])
      expect(records(text, false)).toEqual(['incomplete']);
    expect(records('a"', false)).toEqual(['malformed']);
  });

  it('is bounded: one byte more than the limit is malformed, however many bytes are known', () => {
    const longest = 'x'.repeat(MAX_RECORD_BYTES - 2);
    expect(records(`a,${longest}\r\nb\n`)).toEqual([['a', longest], ['b']]);
    expect(records(`a,"${longest.slice(2)}"\nb\n`)).toEqual([['a', longest.slice(2)], ['b']]);
    expect(records(`a,x${longest}\nb\n`)).toEqual(['malformed', ['b']]);
    expect(records(`a,"${longest}\n"\nb\n`)).toEqual(['malformed', 'malformed', ['b']]);
    expect(records(`a,xyz${longest}`, false)).toEqual(['malformed']);
    expect(records(`a,${longest}`, false)).toEqual(['incomplete']);
  });
});
