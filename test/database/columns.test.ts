import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { columnArrays, rowsOfColumns } from '../../lambdas/adapters/postgres/columns.ts';
import { startPostgres } from './postgres.ts';

const cluster = await startPostgres();
const owner = await cluster.primary.connect();
afterAll(async () => {
  await owner.end();
  await cluster.stop();
});

const COLUMNS = { name: 'text', score: 'double precision', days: 'integer', day: 'text', on: 'boolean' };
const SELECT = `SELECT * FROM ${rowsOfColumns(COLUMNS, 1)} AS r (name, score, days, day, "on")`;

describe('rows as arrays by columns', () => {
  it('arrive as they were, whatever is in their text', async () => {
    const words = fc.constantFrom(
      '"',
      '\\',
      '\\"',
      ',',
      '{}',
      'NULL',
      'null',
      '',
      ' ',
      '\n',
      "'",
      '$1',
      'é🎈',
    );
    // PostgreSQL's text has every character but this one.
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(words).map((some) => some.join('')),
    );
    const row = fc.record({
      name: text.map((one) => one.replaceAll('\0', '')),
      // It has no negative zero in JSON, and results have none.
      score: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
      days: fc.option(fc.integer()),
      day: fc.option(fc.constantFrom('2025-01-01', 'NULL')),
      on: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
        const { rows: found } = await owner.query(SELECT, columnArrays(COLUMNS, rows));
        expect(found).toEqual(rows);
      }),
      { numRuns: 200 },
    );
  });
});
