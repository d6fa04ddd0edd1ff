import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HistoryColumns, replaceDays } from '../../../lambdas/domain/totals/history.ts';
import { decodeHistory, encodeHistory } from '../../../lambdas/domain/totals/history-codec.ts';

type Figures = readonly [impressions: number, clicks: number, spendMicros: number];

const figure = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(2 ** 53 - 1, 2 ** 32, 10_000));
const figures: fc.Arbitrary<Figures> = fc.tuple(figure, figure, fc.oneof(figure, fc.constant(Number.NaN)));
const day = fc.oneof(fc.integer({ min: 20_000, max: 20_010 }), fc.integer({ min: -800_000, max: 3_000_000 }));
const history = fc.uniqueArray(fc.tuple(day, figures), { selector: ([one]) => one, maxLength: 12 });

function columnsOf(days: Iterable<readonly [number, Figures]>): HistoryColumns {
  const sorted = [...days].toSorted(([a], [b]) => a - b);
  return {
    days: Int32Array.from(sorted, ([one]) => one),
    impressions: Float64Array.from(sorted, ([, [impressions]]) => impressions),
    clicks: Float64Array.from(sorted, ([, [, clicks]]) => clicks),
    spendMicros: Float64Array.from(sorted, ([, [, , spend]]) => spend),
  };
}

describe('the history of an item', () => {
  it('is the same as bytes, and other figures are other bytes', () => {
    fc.assert(
      fc.property(history, history, (one, other) => {
        const [columns, others] = [columnsOf(one), columnsOf(other)];
        const bytes = encodeHistory(columns);
        expect(decodeHistory(bytes)).toEqual(columns);
        const isSame = JSON.stringify(columns) === JSON.stringify(others);
        expect(Buffer.compare(bytes, encodeHistory(others)) === 0).toBe(isSame);
        expect(() => decodeHistory(bytes.subarray(0, -1))).toThrow();
        expect(() => decodeHistory(Buffer.concat([bytes, Buffer.of(0)]))).toThrow();
      }),
    );
  });

  it('has of replaced days what the upload says, and of others what was known', () => {
    fc.assert(
      fc.property(history, history, fc.func(fc.boolean()), (known, uploaded, chosen) => {
        const all = [...known, ...uploaded].map(([one]) => one);
        const replaced = new Set(all.filter((one) => chosen(one)));
        const wanted = [
          ...known.filter(([one]) => !replaced.has(one)),
          ...uploaded.filter(([one]) => replaced.has(one)),
        ];
        expect(replaceDays(columnsOf(known), columnsOf(uploaded), replaced)).toEqual(columnsOf(wanted));
      }),
    );
  });

  it('takes less than eight bytes a day with daily figures', () => {
    const days = Array.from({ length: 365 }, (_, index) => index);
    const columns = columnsOf(days.map((index) => [20_000 + index, [9000 + index, 180, 85_430_000 + index]]));
    expect(encodeHistory(columns).length).toBeLessThan(8.1 * 365);
  });
});
