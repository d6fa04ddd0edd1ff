import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connectTo } from './admission.ts';
import { giveTo, type Identity } from './identity.ts';

export interface BackupOptions {
  readonly identity: Identity;
  /** Data of a server that runs. */
  readonly from: string;
  readonly directory: string;
}

// Of the server itself and not of its data, or, as the log, what a follower gets from the server.
const LEFT_OUT = new Set(['postmaster.pid', 'postmaster.opts']);
const LEFT_EMPTY = new Set(['pg_wal', 'pg_replslot', 'pg_stat_tmp', 'pg_notify', 'pg_dynshmem']);

/**
 * Copies the data of a server for one that will follow it, while it is written to: PostgreSQL's base backup through its
 * low-level interface ("Making a Base Backup Using the Low Level API"), as its programs here have no other.
 *
 * @param host directory of the server's socket
 * @returns how far the follower has to read the server's log before its data is whole
 */
export async function backUp(host: string, { identity, from, directory }: BackupOptions): Promise<string> {
  const draft = `${directory}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const client = await connectTo(host);
  try {
    await client.query("SELECT pg_backup_start('reader', fast => true)");
    mkdirSync(draft, { mode: 0o700 });
    await copyWhatStays(from, draft);
    const { rows } = await client.query<{ lsn: string; label: string }>(
      'SELECT lsn::text AS lsn, labelfile AS label FROM pg_backup_stop(wait_for_archive => false)',
    );
    const [stopped] = rows;
    if (stopped === undefined) throw new Error('The backup of the database did not end.');
    writeFileSync(join(draft, 'backup_label'), stopped.label);
    writeFileSync(join(draft, 'standby.signal'), '');
    chmodSync(draft, 0o700);
    giveTo(identity, draft);
    renameSync(draft, directory);
    return stopped.lsn;
  } finally {
    await client.end();
  }
}

/** What goes while it is copied, as temporary files do, is made good by the log. */
async function copyWhatStays(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true }).catch(unlessGone)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (LEFT_OUT.has(entry.name) || entry.isSocket()) continue;
    if (entry.isDirectory()) {
      await mkdir(target, { mode: 0o700 });
      if (!LEFT_EMPTY.has(entry.name)) await copyWhatStays(source, target);
    } else {
      await copyFile(source, target).catch(unlessGone);
    }
  }
}

function unlessGone(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
