import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { anyInput } from './any-input.ts';
import { good, HEADER, scanChecked } from './scans.ts';

describe('a scan is what readRecord and readRow say of every record', () => {
  it('on any input, in blocks of any size, up to any stop', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyInput,
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 4 }),
        fc.double({ min: 0, max: 1.1, noNaN: true }),
        async ({ bytes, dayFormat }, reads, part) => {
          await scanChecked(bytes, { reads, dayFormat, stop: Math.round(bytes.length * part) });
        },
      ),
      { numRuns: 4000 },
    );
  });

  it('with a block boundary and a stop at every offset', async () => {
    const rows = [
      good('plain'),
      good('plain'),
      good('"quoted, with ""quotes"" and\nbreak"', '"2025-01-03"'),
      good('"quoted, with ""quotes"" and\nbreak"', '"2025-01-03"'),
      '',
      good('日本語 キャンペーン', '2025/01/04'),
      'stray"quote,2025-01-02,1,1,1',
      good('last'),
    ];
    for (const lineBreak of ['\n', '\r\n']) {
      const text = Buffer.from(`${HEADER}${lineBreak}${rows.join(lineBreak)}`);
      for (let size = 1; size < text.length; size++) {
        await scanChecked(text, { reads: [size, 1_000] });
        await scanChecked(text, { stop: size });
      }
      for (const size of [1, 2, 3, 7, 16, 63, 64, 65]) await scanChecked(text, { reads: [size] });
    }
  });
});
