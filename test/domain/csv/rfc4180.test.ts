import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../../lambdas/domain/input/dataset.ts';

const HEADER = ['ad_name', 'note', 'day', 'impressions', 'clicks', 'spend'];
const text = fc.string({
  unit: fc.constantFrom('a', 'B', ' ', ',', ';', '"', '\n', '\r\n', 'é', '中', '🙂', "'"),
  maxLength: 8,
});
const field = fc.record({
  item: text.map((id) => `x${id}`),
  note: text,
  day: fc.integer({ min: 1, max: 28 }).map((day) => `2025-02-${String(day).padStart(2, '0')}`),
  impressions: fc.integer({ min: 50, max: 10 ** 10 }).map(String),
  clicks: fc.integer({ min: 0, max: 50 }).map(String),
  spend: fc.nat(10 ** 9).map((micros) => (micros / 1e6).toFixed(6)),
});
const file = fc.record({
  rows: fc.array(field, { minLength: 1, maxLength: 8 }),
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineBreak: fc.constantFrom('\n', '\r\n'),
  quoteAll: fc.boolean(),
  lastBreak: fc.boolean(),
  mark: fc.constantFrom('', '\ufeff'),
  chunk: fc.integer({ min: 1, max: 64 }),
});

/** Impressions, clicks and micro-units of spend by item and day. */
type Totals = Map<string, [number, number, number]>;
const key = (id: string, day: string) => JSON.stringify([id, day]);

async function* inChunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The same sums out of the rows of a well-known parser. */
function expectedTotals(csv: string, delimiter: string): Totals {
  const totals: Totals = new Map();
  for (const [id = '', , day = '', impressions, clicks, spend] of parse(csv, {
    delimiter,
    bom: true,
    from: 2,
  })) {
    const [i, c, s] = totals.get(key(id.trim(), day)) ?? [0, 0, 0];
    const micros = Math.round(Number(spend) * 1e6);
    totals.set(key(id.trim(), day), [i + Number(impressions), c + Number(clicks), s + micros]);
  }
  return totals;
}

describe('RFC 4180', () => {
  it('is read as csv-parse reads it (10,000 random files)', async () => {
    await fc.assert(
      fc.asyncProperty(file, async ({ rows, delimiter, lineBreak, quoteAll, lastBreak, mark, chunk }) => {
        const quote = (value: string) =>
          quoteAll || /["\r\n,;\t|]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
        const lines = [
          HEADER,
          ...rows.map((row) => [row.item, row.note, row.day, row.impressions, row.clicks, row.spend]),
        ];
        const csv =
          mark +
          lines.map((line) => line.map(quote).join(delimiter)).join(lineBreak) +
          (lastBreak ? lineBreak : '');

        const dataset = await readDataset(inChunks(Buffer.from(csv), chunk));
        const totals: Totals = new Map();
        for (const { id, days, impressions, clicks, spendMicros } of dataset.items) {
          days.forEach((day, i) => {
            const name = new Date(day * 86_400_000).toISOString().slice(0, 10);
            totals.set(key(id, name), [impressions[i]!, clicks[i]!, spendMicros![i]!]);
          });
        }
        expect(dataset.rows).toMatchObject({ read: rows.length, rejected: 0 });
        expect(totals).toEqual(expectedTotals(csv, delimiter));
      }),
      { numRuns: 10_000 },
    );
  });
});
