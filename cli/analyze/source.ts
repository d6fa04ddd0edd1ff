import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
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
    chunks: createReadStream(path, { highWaterMark: CHUNK_BYTES, signal }),
  };
}
