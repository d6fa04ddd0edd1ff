/** A forward-only source of bytes. */
export interface ByteReader {
  /** Fills `target` with the next bytes as far as they are at hand; resolves to how many, 0 only at the end. */
  read(target: Uint8Array): Promise<number>;
}

/** Bytes that can be read from any offset, such as a file or an object in S3. */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number;
  /** A reader whose first byte is the one at `offset`. */
  open(offset: number): ByteReader;
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

/** Reads bytes that are in memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    open: (offset) => {
      let at = offset;
      return {
        async read(target) {
          const count = Math.min(target.length, Math.max(0, bytes.length - at));
          target.set(bytes.subarray(at, at + count));
          at += count;
          return count;
        },
      };
    },
  };
}

/** A reader that gives `head` first and then the rest of another reader. */
export function withHead(head: Uint8Array, rest: ByteReader): ByteReader {
  let at = 0;
  return {
    async read(target) {
      if (at === head.length) return rest.read(target);
      const count = Math.min(target.length, head.length - at);
      target.set(head.subarray(at, at + count));
      at += count;
      return count;
    },
  };
}

/** Reads on behind `head` until there are `wanted` bytes; fewer only when the input ends before. */
export async function readFully(
  reader: ByteReader,
  head: Uint8Array<ArrayBuffer>,
  wanted: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(wanted);
  bytes.set(head);
  let filled = head.length;
  while (filled < wanted) {
    const count = await reader.read(bytes.subarray(filled));
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
