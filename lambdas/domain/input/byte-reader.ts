/** A forward-only source of bytes. */
export interface ByteReader {
  /** Fills `target` with the next bytes as far as they are at hand; resolves to how many, 0 only at the end. */
  read(target: Uint8Array): Promise<number>;
}

/** Reads from an asynchronous sequence of chunks, such as a Node stream. */
export function chunkReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  return {
    async read(target) {
      while (chunk.length === 0) {
        const next = await iterator.next();
        if (next.done) return 0;
        chunk = next.value;
      }
      const count = Math.min(target.length, chunk.length);
      target.set(chunk.subarray(0, count));
      chunk = chunk.subarray(count);
      return count;
    },
  };
}
