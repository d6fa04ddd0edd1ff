import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildBinary } from '../../../lambdas/domain/csv/kernel/build.ts';
import { Kernel } from '../../../lambdas/domain/csv/kernel/kernel.ts';
import { scanRecords } from '../../../lambdas/domain/csv/scan.ts';
import { referenceScan, resultOf } from './reference-scan.ts';
import { piecewiseReader, scanChecked, schemaOf } from './scans.ts';

const HEADER = 'ad_name,day,impressions,link_clicks,amount_spent_gbp';
const rows = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name} ${i},2025-01-${10 + (i % 20)},10,1,${i}.25`).join('\n');

/** How many kernels can be had at once. */
function kernelsToHave(): number {
  const held: Kernel[] = [];
  for (let kernel = Kernel.acquire(); kernel !== null; kernel = Kernel.acquire()) held.push(kernel);
  for (const kernel of held) kernel.release();
  return held.length;
}

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
