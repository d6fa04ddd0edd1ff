import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJsonItems } from '../../../lambdas/domain/input/json.ts';
import { plainRowReader } from '../../../lambdas/domain/input/plain-row.ts';
import { findColumns, foldName } from '../../../lambdas/domain/observation/columns.ts';
import { readRateRow, readRow } from '../../../lambdas/domain/observation/row.ts';
import { Tally } from '../../../lambdas/domain/totals/tally.ts';

type Element = Readonly<Record<string, unknown>>;

/** The text of a value, as every field of a CSV is one. */
function textOf(value: unknown, isSpend: boolean): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') return JSON.stringify(value);
  return isSpend && !/^-?\d+(\.\d{1,6})?$/.test(String(value)) ? value.toFixed(6) : String(value);
}

/** Observations read in the obvious way: each becomes a row of text, and is read as one. */
function readAsText(elements: readonly Element[]) {
  const rows = elements.map((element) => {
    const { metrics } = element;
    const isObject = typeof metrics === 'object' && metrics !== null && !Array.isArray(metrics);
    const inner = isObject ? Object.entries(metrics) : [];
    const outer = Object.entries(element).filter(([name]) => name !== 'metrics' || !isObject);
    return new Map([...inner, ...outer].map(([name, value]) => [foldName(name), value]));
  });
  const columns = findColumns([...new Set(rows.flatMap((row) => [...row.keys()]))], {}, null);
  const [asFraction, asPercentage] = [new Tally(), new Tally()];
  let percentSeen = false;
  for (const [i, row] of rows.entries()) {
    const fields = columns.names.map((name, at) => textOf(row.get(name), at === columns.index.spend));
    if (columns.index.ctr < 0) {
      asFraction.take(readRow(fields, columns, null), columns, i, 0);
      continue;
    }
    const reading = readRateRow(fields, columns, null);
    percentSeen ||= reading.exceedsOne;
    asFraction.take(reading.asFraction, columns, i, 0);
    asPercentage.take(reading.asPercentage, columns, i, 0);
  }
  const tallies = columns.index.ctr < 0 ? [asFraction] : [asFraction, asPercentage];
  return { columns, percentSeen, tallies: tallies.map(contentOf) };
}

const contentOf = ({ table, rejections }: Tally) => ({
  items: [...table.items(true)],
  reasons: [...rejections.reasons],
  samples: rejections.samples,
});

function readFast(document: unknown) {
  const { partial, columns } = readJsonItems(document, {});
  return { columns, percentSeen: partial.percentSeen, tallies: partial.tallies.map(contentOf) };
}

const number = fc.oneof(
  { weight: 6, arbitrary: fc.nat(100_000) },
  { weight: 4, arbitrary: fc.double({ min: 0, max: 5000, noNaN: true }) },
  { weight: 2, arbitrary: fc.nat(10_000_000).map((micros) => micros / 1e6) },
  // Half a millionth, where rounding by text and rounding by arithmetic could differ.
  { weight: 2, arbitrary: fc.nat(100_000_000).map((halves) => (2 * halves + 1) / 2e6) },
  fc.double(),
  fc.constantFrom(-0, 2 ** 20, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, 1e21, 5e-324, Number.POSITIVE_INFINITY),
);
const odd = fc.oneof(fc.boolean(), fc.constant(null), fc.constant([1]), fc.constant({ a: 1 }));
const figure = fc.oneof(
  { weight: 8, arbitrary: number },
  fc.nat(500).map(String),
  fc.constantFrom('', ' 7 ', '1.5', '2%', '-3', 'x'),
  odd,
);
const day = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('2024-01-01T00:00:00Z', '2024-02-29', ' 2024/03/01 ') },
  fc.constantFrom('2023-02-29', '', '20240105', '2024-01-01T23:30:00-01:00', 20240101),
  odd,
);
const id = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('A', 'B', ' A ', 'é') },
  fc.string({ maxLength: 3 }),
  fc.constantFrom('x'.repeat(600), '\ud800', 'a\0b', 7),
  odd,
);
const figures = fc.record(
  { impressions: figure, clicks: figure, ctr: figure, spend: figure, Clicks: figure, note: odd },
  { requiredKeys: ['impressions'] },
);
const element = fc.oneof(
  fc.record({ id, timestamp: day, metrics: figures }),
  fc.tuple(fc.record({ id, day }), figures).map(([named, rest]) => ({ ...named, ...rest })),
  fc.record({ id, day, metrics: figures, clicks: figure, impressions: figure }, { requiredKeys: ['id'] }),
  fc.record({ id, day, metrics: odd, impressions: fc.nat(100), clicks: fc.nat(50), spend: number }),
);

describe('JSON observations', () => {
  it('are read as their text would be', () => {
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 12 }), (elements) => {
        const attempt = (work: () => unknown) => {
          try {
            return work();
          } catch (error) {
            return String(error);
          }
        };
        expect(attempt(() => readFast({ items: elements }))).toEqual(attempt(() => readAsText(elements)));
      }),
      { numRuns: 3000 },
    );
  });

  it('are read by columns as they are by items, where every item has every field', () => {
    const full = fc.record({ id, day, impressions: figure, Clicks: figure, clicks: figure, spend: figure });
    fc.assert(
      fc.property(fc.array(full, { minLength: 1, maxLength: 12 }), (elements) => {
        const names = ['id', 'day', 'impressions', 'Clicks', 'clicks', 'spend'] as const;
        const columns = Object.fromEntries(names.map((name) => [name, elements.map((one) => one[name])]));
        expect(readFast({ columns })).toEqual(readFast(elements));
      }),
    );
  });

  it('that are plain are read without their text, those of the scaling guide among them', () => {
    const columns = findColumns(['id', 'timestamp', 'impressions', 'clicks', 'ctr', 'spend'], {}, null);
    const read = plainRowReader(columns, null);
    const row = ['item_1', '2024-01-01T00:00:00Z', 5000, 20, 0.004, 123.456_789_012];
    expect(read(row)).toEqual({
      item: 'item_1',
      day: 19_723,
      impressions: 5000,
      clicks: 20,
      spendMicros: 123_456_789,
    });
    expect(read(row.with(2, '5000'))).toBeNull();
    expect(read(row.with(5, 0.000_000_5))).toBeNull();
  });
});
