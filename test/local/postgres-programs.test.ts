import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PostgresCluster } from '../../local/aurora/cluster.ts';
import { initialise } from '../../local/aurora/data.ts';
import { identityForPostgres } from '../../local/aurora/identity.ts';
import { type Programs, runnable } from '../../local/aurora/programs.ts';
import { Workplace } from '../../local/aurora/workplace.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const log = () => undefined;

const isRoot = process.getuid?.() === 0;

/** Programs with nothing in them but a script. */
function installed(name: string, script: string): Programs {
  const bin = join(directory.path, name, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const program of ['initdb', 'postgres']) {
    writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`);
    // As an installation with a umask of 077 leaves them.
    chmodSync(join(bin, program), 0o700);
  }
  return {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    identity: identityForPostgres(),
  };
}

describe.runIf(isRoot)('programs that only root gets at', () => {
  it('are copied to where nobody runs them', async () => {
    const workplace = await Workplace.open();
    try {
      const programs = installed('private', 'id -un');
      const found = runnable(programs, join(workplace.directory, 'copies'));
      expect(spawnSync(programs.postgres, { ...programs.identity, cwd: '/' }).error).toMatchObject({
        code: 'EACCES',
      });
      const run = spawnSync(found.postgres, { ...found.identity, cwd: '/', encoding: 'utf8' });
      expect(run.stdout.trim()).toBe('nobody');
    } finally {
      workplace.remove();
    }
  });

  it('are an error that says what to do when they cannot run as copies either', async () => {
    const workplace = await Workplace.open();
    try {
      const programs = installed('broken', 'echo no library >&2; exit 1');
      expect(() => runnable(programs, join(workplace.directory, 'copies'))).toThrow(
        /no library\. Run this as another user, or have TMPDIR name/,
      );
    } finally {
      workplace.remove();
    }
  });
});

describe('a start that fails', () => {
  it('gives the reason that initdb gives, and leaves no data', async () => {
    const workplace = await Workplace.open();
    const data = join(directory.path, 'refused');
    const { programs } = workplace;
    const making = initialise({ programs, directory: data, superuser: 'pg_me', admission: '', log });
    await expect(making).rejects.toThrow('superuser name "pg_me" is disallowed');
    expect(existsSync(data)).toBe(false);
    workplace.remove();
  });

  it('gives the reason that the server gives', async () => {
    const data = join(directory.path, 'aurora');
    mkdirSync(join(data, 'writer'), { recursive: true });
    const opening = PostgresCluster.open({
      directory: data,
      owner: 'owner',
      database: 'd',
      readers: 0,
      log,
    });
    await expect(opening).rejects.toThrow(/could not access the server configuration file .*No such file/);
  });
});
