import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildBinary } from '../../../lambdas/domain/csv/kernel/build.ts';
import { HALTS, Kernel, ROLES } from '../../../lambdas/domain/csv/kernel/kernel.ts';
import { scanRecords } from '../../../lambdas/domain/csv/scan.ts';
import { referenceScan, resultOf } from './reference-scan.ts';
import { good, HEADER, piecewiseReader, scanChecked, schemaOf } from './scans.ts';

const rows = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name} ${i},2025-01-${10 + (i % 20)},10,1,${i}.25`).join('\n');

/** How many kernels can be had at once. */
function kernelsToHave(): number {
  const held: Kernel[] = [];
  for (let kernel = Kernel.acquire(); kernel !== null; kernel = Kernel.acquire()) held.push(kernel);
  for (const kernel of held) kernel.release();
  return held.length;
}

/** A kernel for the columns of HEADER, with a text in its window. */
function kernelWith(text: string): { kernel: Kernel; length: number } {
  const kernel = Kernel.acquire()!;
  const { item, day, impressions, clicks, spend } = ROLES;
  kernel.reset(','.charCodeAt(0), [item, day, impressions, clicks, spend], 2);
  const bytes = Buffer.from(`${text}\n`);
  kernel.window.set(bytes);
  return { kernel, length: bytes.length - 1 };
}

/** Scans with a kernel alone, which learns what it asks for; returns how many rows it took. */
function scanAlone(kernel: Kernel, length: number, learn: boolean): number {
  let [at, rows] = [0, 0];
  for (;;) {
    at = kernel.scan(at, length, length, false);
    rows += kernel.rows;
    if (kernel.halt === HALTS.batchFull) kernel.drain(() => undefined);
    else if (learn && kernel.halt === HALTS.unknownItem)
      expect(kernel.learnItem(kernel.unknown, rows)).toBe(true);
    else if (learn && kernel.halt === HALTS.unknownDay)
      expect(kernel.learnDay(kernel.unknown, rows)).toBe(true);
    else return rows;
  }
}

/** The hash of keys.as.ts for an item's name of less than eight bytes. */
function hashOf(name: string): number {
  const bytes = Buffer.alloc(8);
  bytes.write(name, 8 - name.length);
  const mix = (bits: bigint) => {
    const product = BigInt.asUintN(64, bits * 0x9e3779b97f4a7c15n);
    return product ^ (product >> 32n);
  };
  return Number(mix(mix(BigInt(name.length) ^ bytes.readBigUInt64LE())) & 0xffffffffn);
}

const numbered = Array.from({ length: 150_000 }, (_, i) => `n${i}`);

describe('the kernel', () => {
  it('is what its source compiles to', async () => {
    const committed = new URL('../../../lambdas/domain/csv/kernel/binary.ts', import.meta.url);
    expect(readFileSync(committed, 'utf8')).toBe(await buildBinary());
  });

  it('forgets what it learned from the input before', async () => {
    for (const [columns, row] of [
      [HEADER, 'a,2025-01-02,9,3,1'],
      ['day,ad_name,spend,impressions,clicks', '2025-01-02,a,1,9,3'],
      ['x,impressions,clicks,spend,day,ad_name', 'a,9,3,1,2025-01-02,b'],
    ] as const) {
      await scanChecked(`${columns}\nz${rows('other', 30)}\n${row}\n${row}\n`);
      await scanChecked(`${columns}\n${row}\n${row}\n`);
    }
    const one = await scanChecked(`${HEADER}\na,01/02/2025,9,3,1\n`, { dayFormat: 'DD/MM/YYYY' });
    const two = await scanChecked(`${HEADER}\na,01/02/2025,9,3,1\n`, { dayFormat: 'MM/DD/YYYY' });
    expect(one.tallies[0]!.totals).not.toEqual(two.tallies[0]!.totals);
  });

  it('forgets thousands of items', async () => {
    const names = Array.from({ length: 3_000 }, (_, i) => good(`item ${i}`));
    await scanChecked([HEADER, ...names].join('\n'));
    await scanChecked([HEADER, ...names.toReversed(), ...names].join('\n'));
  });

  it.each([
    ['plain rows', [good('a'), good('b'), good('a'), good('a')].join('\n')],
    ['CRLF', [good('a'), good('b'), good('"c"'), ''].join('\r\n')],
    [
      'quotes everywhere',
      '"a","2025-01-02","10","1","2.5"\r\n"a ""b"", c\nd","2025-01-02","10","1","2.5"\r\n',
    ],
    ['long and equal figures', 'a,2025-01-02,999999999999999,999999999999999,99999999.999999\n'],
    ['leap days', [good('a', '2024-02-29'), good('a', '2000-02-29'), good('a', '2025-08-31')].join('\n')],
    ['other ways to write a day', [good('a', '20240229'), good('a', '2000-02-29T00:00:00Z')].join('\n')],
    [
      'thousands of items',
      numbered
        .slice(0, 3_000)
        .map((name) => good(name))
        .join('\n'),
    ],
  ])('takes %s, and learns what it needs to know once', (_, text) => {
    const lines = text.endsWith('\n') ? text : `${text}\n`;
    const { kernel, length } = kernelWith(lines);
    const rows = scanAlone(kernel, length, true);
    expect(kernel.halt).toBe(HALTS.atEnd);
    expect(scanAlone(kernel, length, false)).toBe(rows);
    expect(kernel.halt).toBe(HALTS.atEnd);
    kernel.release();
  });

  it('does not learn names that need a long search, and reads them all the same', async () => {
    const colliding = numbered.filter((name) => (hashOf(name) & 1023) === 5).slice(0, 40);
    const { kernel } = kernelWith('');
    const learned = colliding.map((name, i) => {
      kernel.window.set(Buffer.from(name));
      return kernel.learnItem({ from: 0, to: name.length }, i);
    });
    kernel.release();
    expect(learned).toEqual(colliding.map((_, i) => i < 32));
    await scanChecked([HEADER, ...[...colliding, ...colliding].map((name) => good(name))].join('\n'));
  });

  it('tells apart names with the same hash', async () => {
    const byHash = Map.groupBy(numbered, hashOf);
    const twins = [...byHash.values()].filter((names) => names.length > 1).flat();
    expect(twins.length).toBeGreaterThan(0);
    const { tallies } = await scanChecked(
      [HEADER, ...[...twins, ...twins].map((name) => good(name))].join('\n'),
    );
    expect(Object.keys(tallies[0]!.totals).length).toBe(twins.length);
  });

  it('is used again by 100,000 scans, also by those that fail', async () => {
    const before = kernelsToHave();
    const bytes = Buffer.from(`${HEADER}\n${rows('ad', 3)}\n`);
    const { schema, dataStart } = schemaOf(bytes, {});
    const range = { start: dataStart, stop: bytes.length };
    const expected = referenceScan(bytes, dataStart, bytes.length, schema);
    for (let i = 0; i < 100_000; i++) {
      const scan = await scanRecords(piecewiseReader(bytes, dataStart, []), range, schema);
      if (i % 10_000 === 0) expect(resultOf(scan)).toEqual(expected);
    }
    const failing = { read: () => Promise.reject(new Error('unplugged')) };
    for (let i = 0; i < 100; i++) {
      await expect(scanRecords(failing, range, schema)).rejects.toThrow('unplugged');
    }
    expect(kernelsToHave()).toBe(before);
    expect(before).toBeGreaterThan(1);
  });

  it('is not shared by scans at the same time, of which there may be more than kernels', async () => {
    const inputs = Array.from({ length: 60 }, (_, i) => `${HEADER}\n${rows(`ad of ${i}`, 200)}\n`);
    const results = await Promise.all(inputs.map((text) => scanChecked(text, { reads: [1_000] })));
    for (const { rowsRead } of results) expect(rowsRead).toBe(200);
  });
});
