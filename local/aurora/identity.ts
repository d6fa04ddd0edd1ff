import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, lchownSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Who runs PostgreSQL: whoever runs this, or, since PostgreSQL refuses to run as root, nobody in root's stead. */
export interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

/** @throws Error when this is root without the capabilities to become nobody and to look after what is nobody's */
export function identityForPostgres(): Identity {
  if (process.getuid?.() !== 0) return {};
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
    const identity = { uid: id('-u'), gid: id('-g') };
    const { error } = spawnSync('/bin/sh', ['-c', ':'], { ...identity, cwd: '/' });
    if (error !== undefined) throw error;
    lookInto(identity);
    return identity;
  } catch (cause) {
    throw new Error(
      'PostgreSQL refuses to run as root, and root cannot run it as nobody here. Run this as another user.',
      { cause },
    );
  }
}

/** @throws Error when this cannot read a directory that is another's alone */
function lookInto({ uid, gid }: { uid: number; gid: number }): void {
  const directory = mkdtempSync(join(tmpdir(), 'nobody-'));
  try {
    chownSync(directory, uid, gid);
    readdirSync(directory);
  } finally {
    rmdirSync(directory);
  }
}

/** Whether whoever runs PostgreSQL gets into a directory: all of those on the way may be closed to others. */
export function isOpenTo({ uid, gid }: Identity, directory: string): boolean {
  if (uid === undefined || gid === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd -- "$0"', directory], { uid, gid, cwd: '/' }).status === 0;
}

/** Gives a directory with all in it to whom PostgreSQL runs as. */
export function giveTo({ uid, gid }: Identity, directory: string): void {
  if (uid === undefined || gid === undefined) return;
  chownSync(directory, uid, gid);
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(directory, entry), uid, gid);
  }
}
