import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const LOCK = 'lock';
const SQLITE_BUSY = 5;

/** What starts keep in their data directory, which may hold other files too. */
const KEPT = [
  'assembly',
  'aurora',
  'compile-cache',
  'credentials-secret',
  'custom-resources.json',
  'dynamodb',
  'logs',
  'outputs.json',
  's3',
  'sqs',
  'tls',
];

/**
 * Makes a data directory and holds it for one local cloud, since its parts may not be open twice. The hold is a lock of
 * the file system, which ends with the process at the latest.
 *
 * @returns how to let go of it
 * @throws Error saying so when another local cloud has it
 */
export function holdDataDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true });
  const lock = new DatabaseSync(join(directory, LOCK), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!isBusy(cause)) throw cause;
    throw new Error(
      `A local cloud is running with the data in ${directory}. Stop it, or choose another directory with --data.`,
      { cause },
    );
  }
  return () => lock.close();
}

/**
 * Removes what starts have kept in a data directory, and nothing else.
 *
 * @returns the names of what was removed
 * @throws Error when a local cloud is running with it
 */
export function resetDataDirectory(directory: string): string[] {
  const kept = KEPT.filter((name) => existsSync(join(directory, name)));
  if (kept.length === 0) return [];
  const letGo = holdDataDirectory(directory);
  for (const name of [...kept, LOCK]) rmSync(join(directory, name), { recursive: true, force: true });
  letGo();
  return kept;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
