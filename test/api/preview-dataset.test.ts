import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { previewDataset } from '../../lambdas/api/preview-dataset.ts';
import { previewSchema } from '../../lambdas/contracts/api/datasets.ts';
import { AnalysisError } from '../../lambdas/domain/errors.ts';
import { Problem } from '../../lambdas/http/problem.ts';
import { requestFor } from '../http/requests.ts';

const HEADER = 'ad_name;day;views;link_clicks;amount_spent_eur';
const row = (i: number) => `"Été; ${i}";2026-01-${String((i % 28) + 1).padStart(2, '0')};1000;${i};1.5`;
const fileOf = (header: string, rows: number) =>
  [header, ...Array.from({ length: rows }, (_, i) => row(i)), ''].join('\r\n');

async function preview(body: string | Uint8Array, query: Record<string, string> = {}) {
  const values = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]]));
  const request = requestFor('previewDataset', { body: Buffer.from(body), query: values });
  return previewSchema.parse((await previewDataset(request)).body);
}

async function refusalOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'accepted',
    (error: unknown) =>
      error instanceof Problem || error instanceof AnalysisError ? error.code : String(error),
  );
}

describe('a preview', () => {
  it('shows delimiter, columns, mapping, rows and what became of them', async () => {
    const { problems, rows, ...found } = await preview(fileOf(HEADER.replace('views', 'impressions'), 30));
    expect(problems).toEqual([]);
    expect(rows).toHaveLength(20);
    expect(rows[0]).toEqual(['Été; 0', '2026-01-01', '1000', '0', '1.5']);
    expect(found).toEqual({
      delimiter: ';',
      columns: ['ad_name', 'day', 'impressions', 'link_clicks', 'amount_spent_eur'],
      mapping: {
        item: 'ad_name',
        day: 'day',
        impressions: 'impressions',
        clicks: 'link_clicks',
        spend: 'amount_spent_eur',
        ctr: null,
      },
      currency: 'EUR',
      counts: { read: 30, rejected: 0, reasons: {} },
      rejects: [],
    });
  });

  it('says what is missing, and shows the rest', async () => {
    const { problems, mapping, counts, rows } = await preview(fileOf(HEADER, 3));
    expect(problems).toMatchObject([
      { code: 'missing_columns', detail: expect.stringContaining('impressions') },
    ]);
    expect(mapping).toMatchObject({ item: 'ad_name', impressions: null, clicks: 'link_clicks' });
    expect([counts, rows.length]).toEqual([null, 3]);
  });

  it('answers for a mapping', async () => {
    const mapping = JSON.stringify({ impressions: 'views' });
    const { problems, mapping: found, counts } = await preview(fileOf(HEADER, 3), { mapping });
    expect([problems, found.impressions, counts?.read]).toEqual([[], 'views', 3]);
    const wrong = await preview(fileOf(HEADER, 3), { mapping: JSON.stringify({ impressions: 'seen' }) });
    expect(wrong.problems).toMatchObject([
      { code: 'missing_columns', detail: expect.stringContaining('"seen"') },
    ]);
  });

  it('counts rows that cannot be read, with examples', async () => {
    const file = `${fileOf(HEADER.replace('views', 'impressions'), 2)}a;03/04/2026;1;1;1\r\n`;
    const { counts, rejects } = await preview(file);
    expect(counts).toEqual({ read: 3, rejected: 1, reasons: { bad_day: 1 } });
    expect(rejects).toMatchObject([{ line: 4, column: 'day', reason: 'bad_day', text: '03/04/2026' }]);
    expect((await preview(file, { dayFormat: 'DD/MM/YYYY' })).counts?.rejected).toBe(0);
  });

  it('leaves out a row that is cut off, unless the file ends there', async () => {
    const file = `${fileOf(HEADER.replace('views', 'impressions'), 3)}a;2026-01-0`;
    expect((await preview(file, { bytes: '100000' })).counts).toMatchObject({ read: 3, rejected: 0 });
    expect((await preview(file)).counts).toMatchObject({ read: 4, rejected: 1 });
  });

  it('of a header alone has no rows', async () => {
    expect(await preview(`${HEADER.replace('views', 'impressions')}\n`)).toMatchObject({
      rows: [],
      counts: null,
    });
  });

  it.each([
    ['nothing', '', {}, 'empty_dataset'],
    ['something packed', gzipSync(HEADER), {}, 'unsupported_format'],
    ['a header without end', 'a,'.repeat(10_000), { bytes: '1000000' }, 'unsupported_format'],
    ['more than 64 KB', 'a'.repeat(65_537), {}, 'dataset_too_large'],
    ['a mapping that is no JSON', HEADER, { mapping: '{' }, 'invalid_request'],
    ['a mapping of unknown fields', HEADER, { mapping: '{"colour":"red"}' }, 'invalid_request'],
    ['an unknown parameter', HEADER, { colour: 'red' }, 'invalid_request'],
  ])('of %s is refused', async (_, body, query: Record<string, string>, code) => {
    expect(await refusalOf(preview(body, query))).toBe(code);
  });
});
