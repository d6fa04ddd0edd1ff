import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { AnalysisError } from '../../../lambdas/domain/errors.ts';
import { type DatasetOptions, readDataset } from '../../../lambdas/domain/input/dataset.ts';

const CSV =
  'ad_name,day,impressions,clicks,spend\nA,2025-01-01,10,1,1.5\nB,2025-01-02,20,2,0\nA,2025-01-01,5,0,0.25\n';

async function* chunked(bytes: Uint8Array, size = 7) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const read = (input: Uint8Array | string, options: DatasetOptions = {}, size = 7) =>
  readDataset(chunked(Buffer.from(input), size), options);
const refusal = async (input: Uint8Array | string, options: DatasetOptions = {}): Promise<AnalysisError> => {
  const outcome: unknown = await read(input, options, 4096).catch((error: unknown) => error);
  if (outcome instanceof AnalysisError) return outcome;
  throw new Error(`no AnalysisError: ${String(outcome)}`);
};
const totals = async (input: Uint8Array | string) =>
  [...(await read(input)).items].map(({ id, impressions, spendMicros }) => [
    id,
    ...impressions,
    ...(spendMicros ?? []),
  ]);
const EXPECTED = [
  ['A', 15, 1_750_000],
  ['B', 20, 0],
];

describe('a dataset', () => {
  it('is told by content: plain, gzip and Zstandard, of one part or many', async () => {
    const [head, tail] = [CSV.slice(0, 50), CSV.slice(50)];
    const frame = (text: string) => zstdCompressSync(Buffer.from(text));
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    expect(await totals(CSV)).toEqual(EXPECTED);
    expect(await totals(gzipSync(CSV))).toEqual(EXPECTED);
    expect(await totals(Buffer.concat([gzipSync(head), gzipSync(tail)]))).toEqual(EXPECTED);
    expect(await totals(frame(CSV))).toEqual(EXPECTED);
    expect(await totals(Buffer.concat([frame(head), skippable, frame(tail)]))).toEqual(EXPECTED);
  });

  it('of several Zstandard frames is whole however its chunks fall', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `Ad ${i % 50},2025-01-${10 + (i % 20)},${i},0,0.01`);
    const parts = [0, 1000, 2000].map((from) =>
      zstdCompressSync(Buffer.from(`${rows.slice(from, from + 1000).join('\n')}\n`)),
    );
    const packed = Buffer.concat([
      zstdCompressSync(Buffer.from('ad,day,impressions,clicks,spend\n')),
      ...parts,
    ]);
    for (const size of [1, 13, 1000, 1 << 20]) {
      expect((await read(packed, {}, size)).rows).toMatchObject({ read: 3000, rejected: 0 });
    }
  });

  it.each([
    ['gzip', gzipSync(CSV)],
    // The zstd program writes checksums unless told otherwise; Node does not unless asked.
    ['Zstandard', zstdCompressSync(Buffer.from(CSV), { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
  ])('in a cut or damaged %s archive is refused', async (_, packed) => {
    for (let length = 6; length < packed.length; length += 3) {
      expect((await refusal(packed.subarray(0, length))).code).toBe('corrupt_archive');
    }
    const flipped = Buffer.from(packed);
    flipped[packed.length - 12]! ^= 0xff;
    expect((await refusal(flipped)).code).toBe('corrupt_archive');
    expect((await refusal(Buffer.concat([packed, Buffer.from('rubbish')]))).code).toBe('corrupt_archive');
  });

  it('whose source fails is not blamed on its archive, so that the read is worth another attempt', async () => {
    const broken = Object.assign(new Error('Premature close'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
    const rows = Array.from(
      { length: 4000 },
      (_, i) => `Ad ${Math.imul(i, 2654435761)},2025-01-01,${i},0,0\n`,
    );
    const text = CSV + rows.join('');
    for (const packed of [gzipSync(text), zstdCompressSync(Buffer.from(text))]) {
      expect(packed.length).toBeGreaterThan(10_000);
      async function* failing() {
        yield packed.subarray(0, 5000);
        yield packed.subarray(5000, packed.length - 20);
        throw broken;
      }
      await expect(readDataset(failing())).rejects.toBe(broken);
    }
  });

  it('is bounded in size, packed or not, and in how far it expands', async () => {
    const large = CSV + 'A,2025-01-01,10,1,1.5\n'.repeat(5000);
    expect(await refusal(large, { maxBytes: 100_000 })).toMatchObject({ code: 'dataset_too_large' });
    expect(await refusal(gzipSync(large), { maxBytes: 100_000 })).toMatchObject({
      code: 'dataset_too_large',
    });
    expect((await read(large, { maxBytes: large.length }, 4096)).rows.read).toBe(5003);
    const bomb = zstdCompressSync(Buffer.alloc(100 << 20, 'A,2025-01-01,10,1,1.5\n'));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await refusal(Buffer.concat([zstdCompressSync(Buffer.from(CSV)), bomb]))).toMatchObject({
      code: 'corrupt_archive',
      message: expect.stringContaining('expands more than 1000 times'),
    });
  });

  it.each([
    ['PAR1 …', 'Parquet'],
    ['PK\u0003\u0004 …', 'spreadsheet'],
    ['BZh91AY', 'bzip2'],
  ])('in a foreign format is named: %j', async (head, name) => {
    expect(await refusal(head)).toMatchObject({
      code: 'unsupported_format',
      message: expect.stringContaining(name),
    });
    expect(await refusal(gzipSync(head))).toMatchObject({ code: 'unsupported_format' });
  });

  it('without rows has read none; without a header it is empty', async () => {
    expect((await read('ad,day,impressions,clicks\n')).rows).toEqual({
      read: 0,
      rejected: 0,
      reasons: {},
      samples: [],
    });
    expect((await refusal('')).code).toBe('empty_dataset');
    expect((await refusal(gzipSync(''))).code).toBe('empty_dataset');
  });

  it('can be cancelled', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await refusal(CSV, { signal: stop.signal })).toMatchObject({ code: 'cancelled' });
  });

  it('gives every kind of refused row its line, offset, column and text', async () => {
    const lines = [
      'ad,day,impressions,clicks,spend',
      'A,2025-01-01,10,1,1',
      '',
      '"two\nlines",2025-01-01,10,11,1',
      'A,2025-01-01,10,1',
      'A"B,2025-01-01,10,1,1',
      `${'é'.repeat(300)},2025-01-01,10,1,1`,
      'A,2025-02-30,10,1,1',
      'A, ,10,1,1',
      'A,2025-01-01,ten,1,1',
      'A,2025-01-01,10,-1,1',
      'A,2025-01-01,10,1,1.0000001',
      '\u0000LATIN1\u0000',
    ];
    const text = `\ufeff${lines.join('\r\n')}`;
    const bytes = Buffer.from(text);
    bytes.set([0xc3, 0x28], bytes.length - 8);
    const { rows } = await readDataset(chunked(bytes, 11), {});
    expect(rows).toMatchObject({ read: 11, rejected: 10 });
    expect(rows.samples.map(({ reason, line, column }) => [reason, line, column])).toEqual([
      ['clicks_exceed_impressions', 4, 'clicks'],
      ['column_count', 6, null],
      ['bad_quoting', 7, null],
      ['bad_item', 8, 'ad'],
      ['bad_day', 9, 'day'],
      ['missing_field', 10, 'day'],
      ['bad_integer', 11, 'impressions'],
      ['negative', 12, 'clicks'],
      ['bad_decimal', 13, 'spend'],
      ['bad_utf8', 14, null],
    ]);
    expect(rows.samples.map(({ text: shown }) => shown)).toEqual(
      [
        '11',
        'A,2025-01-01,10,1',
        'A"B,2025-01-01,10,1,1',
        'é'.repeat(80),
        '2025-02-30',
        '',
        'ten',
        '-1',
        '1.0000001',
      ].concat(new TextDecoder().decode(bytes.subarray(bytes.length - 8))),
    );
    for (const { byteOffset, line } of rows.samples) {
      const before = bytes.subarray(0, byteOffset ?? 0).toString('latin1');
      expect(before.endsWith('\n')).toBe(true);
      expect(before.split('\n').length).toBe(line);
    }
  });

  it('passes over a line without end in constant memory, and loses nothing behind it', async () => {
    const endless = 'x'.repeat(5 << 20);
    const { rows, items } = await read(
      `${CSV}${endless}\nC,2025-01-03,1,0,0\n"${endless}\nD,2025-01-03,1,0,0`,
      {},
      1 << 16,
    );
    expect(rows.reasons).toEqual({ bad_quoting: 2 });
    expect(rows.samples.map(({ line }) => line)).toEqual([5, 7]);
    expect([...items].map(({ id }) => id)).toEqual(['A', 'B', 'C', 'D']);
  });

  it('decides over the whole ctr column whether it holds percentages', async () => {
    const rows = (last: string) =>
      `ad,day,impressions,ctr\nA,2025-01-01,1000,0.5\nA,2025-01-02,1000,${last}\n`;
    const clicks = async (csv: string) => [...(await read(csv)).items].flatMap((item) => [...item.clicks]);
    expect(await clicks(rows('0.25'))).toEqual([500, 250]);
    expect(await clicks(rows('2.5'))).toEqual([5, 25]);
    expect(await clicks(rows('2.5%'))).toEqual([500, 25]);
    expect((await read(rows('2.5'))).rows.rejected).toBe(0);
  });
});
