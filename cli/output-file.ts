import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, open, realpath, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from './errors.ts';

/** Where a report may be written: a file that will be replaced whole, or a device or pipe that is written through. */
export interface OutputFile {
  readonly path: string;
  readonly throughPipe: boolean;
  readonly mode: number;
}

/**
 * Checks, before any work is done, that a report can be written.
 *
 * @throws UsageError when the path is a directory, or its directory is missing or not writable
 */
export async function prepareOutput(option: string, path: string): Promise<OutputFile> {
  const target = await followLink(path);
  const present = await stat(target).catch(() => null);
  if (present?.isDirectory())
    throw new UsageError(`${option} ${path} is a directory.`, `${option} ${join(path, 'report')}`);
  if (present !== null && !present.isFile()) return { path: target, throughPipe: true, mode: present.mode };
  try {
    await access(dirname(target), constants.W_OK);
  } catch (error) {
    const what =
      error instanceof Error && 'code' in error && error.code === 'ENOENT'
        ? 'does not exist'
        : 'is not writable';
    throw new UsageError(
      `The directory of ${option} ${path} ${what}.`,
      `a path in a directory you can write to`,
    );
  }
  return { path: target, throughPipe: false, mode: present === null ? 0o666 : present.mode & 0o777 };
}

/**
 * Writes a whole file or none: into a temporary file beside it, which takes its name at the end.
 *
 * @param pieces the text, in any number of parts
 * @throws the signal's reason, with nothing left behind, when it is aborted before the end
 */
export async function writeOutput(
  { path, throughPipe, mode }: OutputFile,
  pieces: Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  if (throughPipe) return writeFile(path, gathered(pieces), { signal });
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const handle = await open(temporary, 'wx', mode);
  try {
    try {
      await handle.writeFile(gathered(pieces), { signal });
      await handle.sync();
    } finally {
      await handle.close();
    }
    signal.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
}

const GATHERED_LENGTH = 1 << 20;

/** The same text in parts of about a megabyte: few writes, and none larger than a string may be. */
export function* gathered(pieces: Iterable<string>): Generator<string> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < GATHERED_LENGTH) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** A link keeps pointing where it points; what it points at is replaced. */
async function followLink(path: string): Promise<string> {
  const entry = await lstat(path).catch(() => null);
  return entry?.isSymbolicLink() ? realpath(path).catch(() => path) : path;
}
