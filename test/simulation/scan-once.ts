import type * as ranges from '../../lambdas/domain/csv/ranges.ts';
import type { ByteSource } from '../../lambdas/domain/input/byte-reader.ts';

type Ranges = typeof ranges;

/**
 * `scanRange` that reads each range of each file once and remembers what it found: a scan depends on nothing else, and
 * thousands of stories are about few files. Its source is opened as often as ever, because each time is a call that may
 * fail; so a story is the same with and without it.
 */
export function scanOnce(original: Ranges): Ranges {
  const files = new WeakMap<Uint8Array, Map<string, { scan: ranges.RangeScan; opens: number }>>();
  return {
    ...original,
    async scanRange(source, range, plan, first = null, onProgress) {
      if (!('bytes' in source && source.bytes instanceof Uint8Array)) {
        return original.scanRange(source, range, plan, first, onProgress);
      }
      const scans = files.get(source.bytes) ?? new Map();
      files.set(source.bytes, scans);
      const key = JSON.stringify([range, plan, first]);
      const known = scans.get(key);
      if (known !== undefined) {
        for (let i = 0; i < known.opens; i++) await source.open(range.start).read(new Uint8Array(0));
        return known.scan;
      }
      const counting = countOpens(source);
      const scan = await original.scanRange(counting.source, range, plan, first);
      scans.set(key, { scan, opens: counting.opens() });
      return scan;
    },
  };
}

function countOpens({ size, open }: ByteSource): { source: ByteSource; opens: () => number } {
  let opens = 0;
  const counted = (offset: number) => {
    opens++;
    return open(offset);
  };
  return { source: { size, open: counted }, opens: () => opens };
}
