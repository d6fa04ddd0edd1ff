import * as fc from 'fast-check';
import type { DayFormat } from '../../../lambdas/domain/observation/day.ts';

/** Text is one byte a character here, so that it can hold bytes that are not UTF-8. */
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

export const delimiters = [',', ';', '\t', '|'] as const;
const NAMES = ['ad_name', 'day', 'impressions', 'clicks', 'spend'] as const;

const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('Ad A', 'Ad B', 'Ad A ', 'Founder Story Reel Cut 7 v0436') },
  {
    weight: 4,
    arbitrary: fc.constantFrom('"Ad A"', '"a ""b"" c"', '"two\nlines"', '"two\r\nlines"', '"x,;\t|y"'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(utf8('日本語'), utf8('"é, ü"'), 'a\0b', '""""', '"a', 'n'.repeat(600)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '""', ' ', '"\n"', utf8('\u00a0'), 'a\rb', '\xff', '"\xe9"', 'a"b'),
  },
);
const day = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('2025-01-01', '2025-01-02', '"2025-01-02"', '1969-12-31', '2024-02-29'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('20250101', '2025/01/02', '03/04/2025', '2025-01-01T23:30:00-01:00'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('2025-02-30', '2025-13-01', '2025-1-1', '', 'x', ' 2025-01-01', '2025-01-0a'),
  },
);
const digits = (most: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: 1, maxLength: most }).map((text) => text.join(''));
const impressions = fc.oneof(
  { weight: 6, arbitrary: fc.nat(20_000).map(String) },
  { weight: 3, arbitrary: digits(20) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"7"', ' 7', '', '-1', '1.5', '1e3', '7a', 'a7', '"7', '7\r', '::::::::'),
  },
);
const clicks = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('0', '1', '2', '17', '007') },
  { weight: 1, arbitrary: impressions },
);
const spend = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.nat(99_999), digits(6)).map(([whole, part]) => `${whole}.${part}`) },
  { weight: 2, arbitrary: fc.nat(99_999).map(String) },
  { weight: 2, arbitrary: fc.tuple(digits(10), digits(8)).map(([whole, part]) => `${whole}.${part}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"1.5"', '1.', '.5', '1.1.1', '-2', '', '1,5', '"1,5"', '1. 5', '1;5', '\xa0'),
  },
);
const note = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('-', '', 'facebook', 'UK Prospecting 22') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('"a, b"', '"say ""x"""', '"1\n2\n3"', 'x'.repeat(130), `"${'y,'.repeat(70)}"`),
  },
  { weight: 1, arbitrary: fc.constantFrom(utf8('ü'), '\xfc', '"\xfc"', '\0', 'a"b', '"a"b', '"a', '\r') },
);

const fields = fc.record({ ad_name: name, day, impressions, clicks, spend });

/** A CSV of any dialect and order of columns, mostly of rows in order, with everything that may go wrong. */
export const anyInput = fc
  .record({
    mark: fc.constantFrom('', '', '\xef\xbb\xbf'),
    delimiter: fc.constantFrom(...delimiters),
    order: fc.oneof<fc.Arbitrary<string[]>[]>(
      fc.constant([...NAMES]),
      fc.constant(['ad_name', 'day', 'note', 'impressions', 'clicks', 'spend', 'note 2']),
      fc.shuffledSubarray([...NAMES, 'note', 'note 2'], { minLength: 7 }),
      fc.shuffledSubarray(['ad_name', 'day', 'impressions', 'clicks', 'note'], { minLength: 5 }),
    ),
    rows: fc.array(
      fc.record({
        fields,
        notes: fc.tuple(note, note),
        /** The row is written so many times, the figures of another row behind its keys. */
        repeats: fc.constantFrom(1, 1, 2, 3),
        others: fields,
        lineBreak: fc.constantFrom('\n', '\n', '\n', '\r\n', '\n\n', '\n\r\n', '\r'),
        tail: fc.constantFrom('', '', '', '', '', '', '', '', 'DELIMITER', '"', 'DELIMITERx'),
      }),
      { maxLength: 14 },
    ),
    cutLast: fc.boolean(),
    dayFormat: fc.constantFrom<(DayFormat | null)[]>(null, 'DD/MM/YYYY', 'MM/DD/YYYY'),
  })
  .map(({ mark, delimiter, order, rows, cutLast, dayFormat }) => {
    const lines = rows.flatMap(({ fields, notes, repeats, others, lineBreak, tail }) =>
      Array.from({ length: repeats }, (_, i) => {
        const later = i === 0 ? fields : { ...others, ad_name: fields.ad_name, day: fields.day };
        const values: Readonly<Record<string, string>> = { ...later, note: notes[0], 'note 2': notes[1] };
        const row = order.map((column) => values[column] ?? '').join(delimiter);
        return `${row}${tail.replace('DELIMITER', delimiter)}${lineBreak}`;
      }),
    );
    const body = lines.join('');
    const text = `${mark}${order.join(delimiter)}\n${cutLast ? body.replace(/[\r\n]+$/, '') : body}`;
    return { bytes: Buffer.from(text, 'latin1'), dayFormat };
  });
