import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompressSync } from 'node:zlib';
import { itemKey } from '../../domain/report/item-key.ts';
import type { StoredItem } from '../../ports/result-store.ts';

/** Items of a block. Alone, each would take twenty times as long to compress; more of them would be read for nothing. */
export const BLOCK = 20;

const compress = promisify(zstdCompress);
/** Tables for 128 KiB, about a block, and room for most packed blocks in one piece. */
const FASTEST = {
  params: {
    [constants.ZSTD_c_compressionLevel]: 1,
    [constants.ZSTD_c_windowLog]: 17,
    [constants.ZSTD_c_hashLog]: 13,
  },
  chunkSize: 1 << 16,
};
/** Of a block, unpacked: twenty items of many years take less. */
const MOST_BYTES = 1 << 28;

/** Items, each a {@link StoredItem} as JSON, as a block of them is stored: an array in UTF-8, compressed in another thread. */
export function packBlock(items: readonly string[]): Promise<Uint8Array> {
  return compress(jsonArray(items), FASTEST);
}

/** Written piece by piece, because to join the text first would take half as long as compressing it. */
function jsonArray(elements: readonly string[]): Uint8Array {
  const bytes = elements.reduce((sum, element) => sum + Buffer.byteLength(element), 0);
  const array = Buffer.allocUnsafe(bytes + elements.length + 1);
  let end = 0;
  for (const element of elements) {
    end += array.write(end === 0 ? '[' : ',', end);
    end += array.write(element, end);
  }
  array.write(']', end);
  return array;
}

/** The item of a key out of its block. @throws Error when it is not in it */
export function itemOfBlock(packed: Uint8Array, key: string): StoredItem {
  const items: StoredItem[] = JSON.parse(
    zstdDecompressSync(packed, { maxOutputLength: MOST_BYTES }).toString(),
  );
  const found = items.find(({ item }) => itemKey(item.id) === key);
  if (found === undefined) throw new Error(`${key} is not in its block.`);
  return found;
}
