import { expect, it } from 'vitest';
import { rejectLines } from '../../cli/analyze/rejects.ts';

const sample = { line: 7, byteOffset: 300, column: 'Day', reason: 'bad_day', text: '03/04/2025' } as const;

it('says nothing when nothing was rejected', () => {
  expect(rejectLines({ read: 10, rejected: 0, reasons: {}, samples: [] })).toEqual([]);
});

it('lists reasons, the most frequent first, and the first samples', () => {
  const lines = rejectLines({
    read: 2000,
    rejected: 6,
    reasons: { negative: 1, bad_day: 5 },
    samples: [
      sample,
      { ...sample, line: 9, column: null, text: 'a\u001B[2Jb' },
      sample,
      sample,
      sample,
      sample,
    ],
  });
  expect(lines).toEqual([
    '6 of 2,000 rows rejected (0.3 %), not counted in any figure:',
    '  5 bad_day: not a day such as 2025-05-03; --day-format names another order',
    '  1 negative: below zero',
    '  line 7, column Day, "03/04/2025": bad_day',
    '  line 9, "a\\x1b[2Jb": bad_day',
    '  line 7, column Day, "03/04/2025": bad_day',
    '  and 3 more; the JSON report lists the first 20',
  ]);
});

it('counts elements, not lines, in JSON', () => {
  const element = { ...sample, byteOffset: null };
  const lines = rejectLines({ read: 2, rejected: 1, reasons: { bad_day: 1 }, samples: [element] });
  expect(lines.at(-1)).toBe('  element 7, column Day, "03/04/2025": bad_day');
});
