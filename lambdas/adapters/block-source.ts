import type { ByteRange } from '../domain/csv/ranges.ts';
import type { ByteSource } from '../domain/input/byte-reader.ts';

/** Reads the bytes of `[start, end)`, all of them. */
export type FetchRange = (start: number, end: number) => Promise<Uint8Array>;

/** S3 advises requests of 8 to 16 MiB: a window is cut into blocks of this size, the last up to twice as large. */
export const BLOCK_BYTES = 1 << 23;
/** Blocks on their way while one is read. At 85 MB/s a connection, four fill what a function may receive in a burst. */
const BLOCKS_AHEAD = 3;
/** A scan looks at the byte before its range, and finishes its last record behind it. */
const BYTES_BEFORE = 1;
const BYTES_BEHIND = 1 << 16;
/** Outside the window a reader looks for the end of one record, which is near more often than not. */
const FIRST_LOOK_BYTES = 1 << 16;
const LONGEST_LOOK_BYTES = 1 << 20;

const NOTHING: Block = { start: 0, bytes: new Uint8Array(0) };

interface Block {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * An input of `size` bytes read by ranges. In the window, blocks are fetched ahead and shared by all readers, so that a
 * look at the start of the window and the scan that follows cost one request. Holds `BLOCKS_AHEAD + 1` blocks at most.
 */
export function blockSource(size: number, window: ByteRange, fetch: FetchRange): ByteSource {
  const blocks = windowBlocks(size, window, fetch);
  return {
    size,
    open: (offset) => {
      const look = growingLook(size, fetch);
      let at = offset;
      let block = NOTHING;
      return {
        async read(target) {
          if (at >= size || target.length === 0) return 0;
          if (!holds(block, at)) block = await (blocks(at) ?? look(at));
          const from = at - block.start;
          const bytes = block.bytes.subarray(from, from + target.length);
          target.set(bytes);
          at += bytes.length;
          return bytes.length;
        },
      };
    },
  };
}

function holds({ start, bytes }: Block, at: number): boolean {
  return at >= start && at < start + bytes.length;
}

/** Finds the block of an offset, undefined outside the window, and fetches those that will be asked for next. */
function windowBlocks(
  size: number,
  window: ByteRange,
  fetch: FetchRange,
): (at: number) => Promise<Block> | undefined {
  const start = Math.max(0, window.start - BYTES_BEFORE);
  const end = Math.min(size, window.end + BYTES_BEHIND);
  const count = Math.max(1, Math.floor((end - start) / BLOCK_BYTES));
  const blocks = new Map<number, Promise<Block>>();

  function begin(index: number): Promise<Block> {
    const from = start + index * BLOCK_BYTES;
    const block = fetch(from, index === count - 1 ? end : from + BLOCK_BYTES).then((bytes) => ({
      start: from,
      bytes,
    }));
    // Whoever reads the block hears of the failure; nobody may ever read it, and the next reader tries again.
    block.catch(() => blocks.delete(index));
    blocks.set(index, block);
    return block;
  }

  return (at) => {
    if (at < start || at >= end) return undefined;
    const index = Math.min(count - 1, Math.floor((at - start) / BLOCK_BYTES));
    for (const passed of blocks.keys()) if (passed < index) blocks.delete(passed);
    const wanted = blocks.get(index) ?? begin(index);
    for (let ahead = index + 1; ahead <= Math.min(index + BLOCKS_AHEAD, count - 1); ahead++) {
      if (!blocks.has(ahead)) begin(ahead);
    }
    return wanted;
  };
}

/** Fetches little at first, and twice as much every time that was not enough. */
function growingLook(size: number, fetch: FetchRange): (at: number) => Promise<Block> {
  let bytes = FIRST_LOOK_BYTES;
  return async (at) => {
    const end = Math.min(size, at + bytes);
    bytes = Math.min(2 * bytes, LONGEST_LOOK_BYTES);
    return { start: at, bytes: await fetch(at, end) };
  };
}
