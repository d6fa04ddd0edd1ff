import { access, constants, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Io } from '../terminal/io.ts';

const CHUNK_BYTES = 1 << 18;

/** An input that can be read once. */
export interface Source {
  /** What people call it: the file's name without `.csv`, `.gz` and the like. */
  readonly name: string;
  /** Null where it is not known beforehand. */
  readonly bytes: number | null;
  /** A chunk is valid until the next one is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Opens a file, or standard input for `-`.
 *
 * @throws UsageError when there is no such file, or it is a directory or unreadable
 */
export async function openSource(path: string, stdin: Io['stdin'], signal: AbortSignal): Promise<Source> {
  if (path === '-') {
    signal.addEventListener('abort', () => stdin.destroy(), { once: true });
    return { name: 'standard input', bytes: null, chunks: stdin };
  }
  const found = await stat(path).catch((error: unknown) => {
    throw new UsageError(`There is no file ${path}.`, 'a path to a CSV file, or - for standard input', {
      cause: error,
    });
  });
  if (found.isDirectory()) throw new UsageError(`${path} is a directory.`, 'the path of one file in it');
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw new UsageError(`${path} may not be read.`, `checking its permissions: ls -l ${path}`, {
      cause: error,
    });
  });
  return {
    name: basename(path).replace(/(\.(csv|tsv|txt|json))?(\.(gz|zst))?$/i, ''),
    bytes: found.isFile() ? found.size : null,
    chunks: readChunks(path, signal),
  };
}

/** A file in chunks that share their memory: a stream makes a new one of each, and the garbage outgrows the totals. */
async function* readChunks(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(chunk);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
