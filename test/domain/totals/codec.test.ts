import { createReadStream, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../../lambdas/domain/input/dataset.ts';
import {
  decodeHead,
  decodePartial,
  decodeSection,
  encodePartial,
  headLength,
  shardOf,
} from '../../../lambdas/domain/totals/codec.ts';
import { csv, scanWhole } from '../csv/inputs.ts';

const SAMPLE = new URL('../../../sample/creative-export.csv.gz', import.meta.url);
const damaged = expect.objectContaining({ code: 'internal', message: expect.stringContaining('damaged') });

describe('the codec of partials', () => {
  it('gives back what it was given, in the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(csv, fc.integer({ min: 1, max: 5 }), async (bytes, shards) => {
        const encoded = encodePartial(await scanWhole(bytes), shards);
        expect(Buffer.compare(encodePartial(decodePartial(encoded), shards), encoded)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('lets a reducer read its own shard from the head and one range', async () => {
    const partial = await scanWhole(gunzipSync(readFileSync(SAMPLE)));
    const encoded = encodePartial(partial, 16);
    const head = decodeHead(encoded.subarray(0, headLength(encoded.subarray(0, 64))));
    const ids: string[] = [];
    for (const [shard, section] of (head.sections[0] ?? []).entries()) {
      const own = encoded.subarray(section.offset, section.offset + section.length);
      for (const { id } of decodeSection(own, section, head.withSpend)) {
        expect(shardOf(id, 16)).toBe(shard);
        ids.push(id);
      }
    }
    expect(ids.sort()).toEqual([...partial.tallies[0].table.ids].sort());
    expect(head.rowsRead).toBe(partial.rowsRead);
  });

  it('takes at most 10 bytes a group on the sample', async () => {
    const partial = await scanWhole(gunzipSync(readFileSync(SAMPLE)));
    const { groups } = partial.tallies[0].table;
    expect(groups).toBeGreaterThan(15_000);
    expect(encodePartial(partial, 16).length / groups).toBeLessThanOrEqual(10);
  });

  it('keeps every figure up to the saturated ones, days far apart, and spend in its exact unit', async () => {
    const bytes = Buffer.from(
      'ad_name,day,impressions,clicks,spend\n' +
        'a,0001-01-01,9007199254740991,9007199254740991,9007199254.740991\n' +
        `a,9999-12-31,${'9'.repeat(40)},0,0.000001\na,1969-12-31,0,0,10\nb,2025-01-01,1,0,100\n`,
    );
    const decoded = decodePartial(encodePartial(await scanWhole(bytes)));
    expect([...decoded.tallies[0].table.items(true)]).toEqual([
      {
        id: 'a',
        days: Int32Array.of(-719_162, -1, 2_932_896),
        impressions: Float64Array.of(2 ** 53 - 1, 0, 2 ** 53),
        clicks: Float64Array.of(2 ** 53 - 1, 0, 0),
        spendMicros: Float64Array.of(9_007_199_254_740_991, 10_000_000, 1),
      },
      {
        id: 'b',
        days: Int32Array.of(20_089),
        impressions: Float64Array.of(1),
        clicks: Float64Array.of(0),
        spendMicros: Float64Array.of(100_000_000),
      },
    ]);
  });

  it('refuses every single flipped bit, every cut and everything appended', async () => {
    const bytes = Buffer.from(
      'ad_name,day,impressions,clicks,spend\nAd,2025-01-01,10,1,1.5\nAd,never,1,1,1\n',
    );
    const encoded = encodePartial(await scanWhole(bytes), 2);
    for (let bit = 0; bit < encoded.length * 8; bit++) {
      const flipped = encoded.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decodePartial(flipped), `bit ${bit}`).toThrow(damaged);
    }
    for (let length = 0; length < encoded.length; length++) {
      expect(() => decodePartial(encoded.subarray(0, length)), `${length} bytes`).toThrow(damaged);
    }
    expect(() => decodePartial(Buffer.concat([encoded, Buffer.from([0])]))).toThrow(damaged);
  });

  it('refuses foreign bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decodePartial(bytes)).toThrow(damaged);
      }),
    );
  });
});

describe('the shard of an item', () => {
  it('is FNV-1a of its id: the published test vectors', () => {
    expect(shardOf('', 2 ** 32)).toBe(0x811c9dc5);
    expect(shardOf('a', 2 ** 32)).toBe(0xe40c292c);
    expect(shardOf('foobar', 2 ** 32)).toBe(0xbf9cf968);
  });

  it('spreads the sample', async () => {
    const { items } = await readDataset(createReadStream(SAMPLE));
    const counts = new Array<number>(8).fill(0);
    for (const { id } of items) counts[shardOf(id, 8)]!++;
    expect(Math.min(...counts)).toBeGreaterThan(8);
  });
});
