import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Logs } from '../../local/logs.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z /gm;

it('Lines of a log are told at once, are soon in the file of their source, in order, and all of them when it is closed', async () => {
  const { path: directory, remove } = temporaryDirectory();
  onTestFinished(remove);
  const told: string[] = [];
  const logs = new Logs(directory, (source, line) => told.push(`${source}: ${line}`));
  const textOf = (source: string) => readFileSync(join(directory, `${source}.log`), 'utf8').replace(TIME, '');
  const [api, worker] = [logs.of('api'), logs.of('worker')];
  api('first');
  worker('other');
  api('second');
  expect(told).toEqual(['api: first', 'worker: other', 'api: second']);
  await expect.poll(() => [textOf('api'), textOf('worker')]).toEqual(['first\nsecond\n', 'other\n']);
  api('third');
  await logs.close();
  expect(textOf('api')).toBe('first\nsecond\nthird\n');

  const again = new Logs(directory, () => undefined);
  again.of('api')('after a restart');
  await again.close();
  expect(textOf('api')).toBe('first\nsecond\nthird\nafter a restart\n');
});
