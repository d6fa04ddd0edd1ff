import type { ByteRange } from '../domain/csv/ranges.ts';
import type { ObjectStore, ObjectVersion } from '../ports/object-store.ts';

/** Bytes of an object. */
export interface Fetched {
  readonly bytes: Uint8Array;
  /** Length of the whole object. */
  readonly total: number;
}

export const FIRST_BLOCK_BYTES = 1 << 20;
const LARGEST_BLOCK_BYTES = 1 << 23;
const SMALLEST_BLOCK_BYTES = 1 << 18;
/** What all streams together may hold. A report is merged from as many streams as the analysis had shards. */
const STREAM_BUDGET_BYTES = 1 << 26;
/** A stream holds the block that is read and the one that is fetched meanwhile. */
const BLOCKS_HELD = 2;

/**
 * Streams objects by ranged requests rather than in one long response, which S3 would cut off when the reader takes its
 * time. Blocks grow while a stream is read on, as far as the number of streams open at the same time allows.
 *
 * @param budgetBytes what all of them together may hold
 */
export function createStream(
  fetch: (object: ObjectVersion, range: ByteRange) => Promise<Fetched>,
  budgetBytes = STREAM_BUDGET_BYTES,
): ObjectStore['stream'] {
  let open = 0;

  return async function* (object) {
    open++;
    try {
      let size = FIRST_BLOCK_BYTES;
      let block: Promise<Fetched> | null = fetch(object, { start: 0, end: size });
      for (let at = 0; block !== null; ) {
        const { bytes, total }: Fetched = await block;
        at += bytes.length;
        size = Math.min(2 * size, largestBlock(budgetBytes, open));
        block = at < total ? fetch(object, { start: at, end: Math.min(at + size, total) }) : null;
        // Whoever reads on hears of the failure; a reader that stops early does not care.
        block?.catch(() => undefined);
        yield bytes;
      }
    } finally {
      open--;
    }
  };
}

function largestBlock(budgetBytes: number, streams: number): number {
  const share = Math.floor(budgetBytes / (BLOCKS_HELD * streams));
  return Math.min(LARGEST_BLOCK_BYTES, Math.max(SMALLEST_BLOCK_BYTES, share));
}
