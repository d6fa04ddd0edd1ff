import { type ByteReader, chunkReader, readFully } from './byte-reader.ts';

/**
 * Cuts a Zstandard stream into its parts (RFC 8878, section 3.1): archives of several frames are ordinary (`pzstd`, or
 * files put one behind the other), but Node's decompressor silently drops what stands behind the end of a frame in the
 * same chunk. Given chunks that never span two frames it reads all of them.
 */

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const RLE_BLOCK = 1;
const REST_BYTES = 1 << 16;

/** The same bytes in chunks of which none holds bytes of two frames. What is no frame is passed on as it is. */
export async function* splitFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = chunkReader(chunks);
  for (;;) {
    const magic = yield* pass(reader, 4);
    if (magic.length < 4) return;
    const number = magic.readUInt32LE(0);
    if (number === FRAME_MAGIC) yield* passFrame(reader);
    else if ((number & 0xfffffff0) === SKIPPABLE_MAGIC) yield* passSkippable(reader);
    else while ((yield* pass(reader, REST_BYTES)).length > 0);
  }
}

/** Passes on the next `count` bytes (fewer at the end of the input) and returns them. */
async function* pass(reader: ByteReader, count: number): AsyncGenerator<Uint8Array, Buffer> {
  const bytes = await readFully(reader, new Uint8Array(0), count);
  if (bytes.length > 0) yield bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

async function* passFrame(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  const descriptor = (yield* pass(reader, 1))[0] ?? 0;
  const singleSegment = (descriptor & 0x20) !== 0;
  const contentSize = CONTENT_SIZE_BYTES[descriptor >>> 6] || (singleSegment ? 1 : 0);
  const dictionaryId = DICTIONARY_ID_BYTES[descriptor & 3] ?? 0;
  yield* pass(reader, (singleSegment ? 0 : 1) + dictionaryId + contentSize);
  for (let last = false; !last; ) {
    const header = yield* pass(reader, 3);
    if (header.length < 3) return;
    const block = header.readUIntLE(0, 3);
    last = (block & 1) === 1;
    yield* pass(reader, ((block >>> 1) & 3) === RLE_BLOCK ? 1 : block >>> 3);
  }
  if ((descriptor & 4) !== 0) yield* pass(reader, 4);
}

async function* passSkippable(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  const size = yield* pass(reader, 4);
  if (size.length < 4) return;
  for (let rest = size.readUInt32LE(0); rest > 0; ) {
    const skipped = yield* pass(reader, Math.min(rest, REST_BYTES));
    if (skipped.length === 0) return;
    rest -= skipped.length;
  }
}
