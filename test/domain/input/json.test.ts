import { describe, expect, it } from 'vitest';
import { type DatasetOptions, readDataset } from '../../../lambdas/domain/input/dataset.ts';

const read = async (document: unknown, options: DatasetOptions = {}) => {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const dataset = await readDataset(
    (async function* () {
      yield Buffer.from(text);
    })(),
    options,
  );
  return { ...dataset, items: [...dataset.items] };
};
const item = { id: 'Ad', day: '2025-03-03', impressions: 1000, clicks: 20, spend: 1.5 };

describe('JSON observations', () => {
  it('are read in the shape of the scaling guide', async () => {
    const metrics = { impressions: 1000, clicks: 20, ctr: 0.02, spend: 50.25 };
    const { items, columns, rows } = await read({
      dataset_name: 'load test',
      items: [{ id: 'item_1', metrics, timestamp: '2025-03-03T10:00:00Z' }],
    });
    expect(rows).toMatchObject({ read: 1, rejected: 0 });
    expect(columns).toMatchObject({ item: 'id', day: 'timestamp', clicks: 'clicks', ctr: null });
    expect(items).toMatchObject([{ id: 'item_1', spendMicros: Float64Array.of(50_250_000) }]);
  });

  it('are read flat, as a bare list, with synonyms, and with numbers as text', async () => {
    const { items, currency } = await read([
      { 'Ad name': 'Ad', Date: '2025-03-03', Impr: '1000', 'Link clicks': 20, 'Amount spent (USD)': '1.5' },
    ]);
    expect(items[0]?.clicks).toEqual(Float64Array.of(20));
    expect(currency).toBe('USD');
  });

  it('are read by columns, the same as by items', async () => {
    const columns = {
      id: ['A', 'B'],
      Date: ['2025-03-03', '2025-03-04'],
      impressions: [10, '20'],
      clicks: [1, null],
    };
    const byColumns = await read({ columns });
    const byItems = await read({
      items: [
        { id: 'A', Date: '2025-03-03', impressions: 10, clicks: 1 },
        { id: 'B', Date: '2025-03-04', impressions: '20' },
      ],
    });
    expect(byColumns.items.length).toBe(1);
    expect(byColumns.items).toEqual(byItems.items);
    expect(byColumns.rows).toEqual(byItems.rows);
    expect((await read({ columns: {} })).rows.read).toBe(0);
  });

  it('are refused by columns of different length, with the column that differs', async () => {
    const columns = { id: ['A', 'B'], day: ['2025-03-03'], impressions: [10, 20], clicks: [1, 2] };
    await expect(read({ columns })).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'The column "day" has 1 values, others have 2.',
    });
    await expect(read({ columns: { id: 'A' } })).rejects.toMatchObject({
      message: 'The column "id" is not a list.',
    });
    await expect(read({ columns: {}, items: [] })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('give clicks from ctr by the same rule as CSV', async () => {
    const { items } = await read({
      items: [
        { id: 'A', day: '2025-03-03', metrics: { impressions: 1000, ctr: 2.5 } },
        { id: 'B', day: '2025-03-03', metrics: { impressions: 1000, ctr: 0.5 } },
      ],
    });
    expect(items.map(({ clicks }) => clicks[0])).toEqual([25, 5]);
  });

  it('may give spend as a number of any precision, which text may not', async () => {
    const spends = [532.2938475984, 0.0000015, 1e-7, 9007199254.74, 118.2];
    const { items, rows } = await read({
      items: spends.map((spend, i) => ({ ...item, id: `Ad ${i}`, spend })),
    });
    expect(rows.rejected).toBe(0);
    expect(items.map(({ spendMicros }) => spendMicros?.[0])).toEqual([
      532_293_848, 2, 0, 9_007_199_254_740_000, 118_200_000,
    ]);
    const refused = await read({
      items: [
        { ...item, spend: '532.2938475984' },
        { ...item, spend: -0.12345678 },
        { ...item, spend: 1e21 },
      ],
    });
    expect(refused.rows.reasons).toEqual({ bad_decimal: 2, negative: 1 });
  });

  it('are refused one by one, with their position, by the rules of rows', async () => {
    const { rows } = await read({
      items: [
        item,
        { ...item, clicks: 2000 },
        { ...item, impressions: 1.5 },
        { ...item, spend: null },
        { ...item, id: true },
      ],
    });
    expect(rows).toMatchObject({ read: 5, rejected: 3 });
    expect(
      rows.samples.map(({ line, byteOffset, column, reason, text }) => [
        line,
        byteOffset,
        column,
        reason,
        text,
      ]),
    ).toEqual([
      [2, null, 'clicks', 'clicks_exceed_impressions', '2000'],
      [3, null, 'impressions', 'bad_integer', '1.5'],
      [4, null, 'spend', 'missing_field', ''],
    ]);
  });

  it.each([
    ['{"items": [', 'cannot be read'],
    ['{"rows": []}', 'no list of observations'],
    ['{"items": [3]}', 'Element 1 of items is not an object'],
  ])('that are malformed are refused: %s', async (text, message) => {
    await expect(read(text)).rejects.toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(message) }),
    );
  });

  it('without any element have read nothing', async () => {
    expect((await read({ items: [] })).rows.read).toBe(0);
  });

  it('without needed fields name them', async () => {
    await expect(read([{ id: 'A', day: '2025-03-03' }])).rejects.toThrow(
      expect.objectContaining({ code: 'missing_columns' }),
    );
  });
});
