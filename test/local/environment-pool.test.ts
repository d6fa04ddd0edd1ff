import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EnvironmentPool } from '../../local/lambda/environment-pool.ts';
import { eventually } from './eventually.ts';
import { temporaryDirectory } from './temporary-directory.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let lines: string[];
let pool: EnvironmentPool;
beforeEach(() => {
  directory = temporaryDirectory();
  lines = [];
});
afterEach(async () => {
  await pool.end();
  directory.remove();
});

function poolOf(code: string, variables: Record<string, string> = {}): EnvironmentPool {
  writeFileSync(join(directory.path, 'index.mjs'), code);
  const configuration = {
    ...{ name: 'function', arn: 'arn', role: 'role', handler: 'index.handler', taskRoot: directory.path },
    ...{ memoryMegabytes: 256, timeoutSeconds: 20, reservedConcurrency: undefined, variables },
  };
  const principal = {
    ...{ arn: 'arn', role: 'role', accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: undefined },
  };
  const endpoint = 'http://127.0.0.1:9';
  return new EnvironmentPool({ configuration, endpoint, principal, log: (line) => lines.push(line) });
}

const invocation = { requestId: 'request', payload: '{}', arn: 'arn', trace: undefined };

it('starts environments ahead of invocations, which then take those', async () => {
  pool = poolOf(`console.log('loaded'); export const handler = () => process.pid;`);
  pool.keepReady(2);
  const started = await eventually('two environments are loaded', () =>
    lines.filter((line) => line.includes('loaded')).length === 2 ? pool.processIds : undefined,
  );
  const taken = [pool.take(), pool.take(), pool.take()];
  expect(taken.map(({ isCold }) => isCold)).toEqual([false, false, true]);
  const answers = await Promise.all(
    taken.slice(0, 2).map(({ environment }) => environment.invoke(invocation)),
  );
  expect(answers.map(({ payload }) => Number(payload)).sort()).toEqual(started.sort());
  expect(pool.busy).toBe(3);
  for (const { environment } of taken) pool.giveBack(environment);
  expect(pool.busy).toBe(0);
});

it('leaves compiled code to others before it is killed', async () => {
  const cache = join(directory.path, 'compile-cache');
  pool = poolOf(`export const handler = () => process.pid;`, { NODE_COMPILE_CACHE: cache });
  await pool.take().environment.invoke(invocation);
  const [ofThisNode = ''] = readdirSync(cache);
  expect(readdirSync(join(cache, ofThisNode))).not.toEqual([]);
});

it('hands an environment out that is still being loaded', async () => {
  pool = poolOf(`export const handler = () => process.pid;`);
  pool.keepReady(1);
  const { environment, isCold } = pool.take();
  expect(isCold).toBe(false);
  expect((await environment.invoke(invocation)).succeeded).toBe(true);
  expect(pool.processIds).toHaveLength(1);
});

it('puts another in the place of one that ended', async () => {
  pool = poolOf(`export const handler = () => process.exit(1);`);
  pool.keepReady(1);
  const { environment } = pool.take();
  expect((await environment.invoke(invocation)).succeeded).toBe(false);
  pool.giveBack(environment);
  expect(pool.take()).toMatchObject({ isCold: false });
});

it('says why one could not be loaded ahead, and does not try for ever', async () => {
  pool = poolOf(`throw new Error('no configuration');`);
  pool.keepReady(1);
  await eventually('the reason is logged', () => lines.find((line) => line.includes('no configuration')));
  await eventually('its process has ended', () => (pool.processIds.length === 0 ? true : undefined));
  expect(pool.take()).toMatchObject({ isCold: true });
});
