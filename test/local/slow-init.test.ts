import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ExecutionEnvironment } from '../../local/lambda/environment.ts';
import { eventually } from './eventually.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const TIMEOUT_SECONDS = 20;
let directory: ReturnType<typeof temporaryDirectory>;
let lines: string[];
let environment: ExecutionEnvironment;
beforeEach(() => {
  directory = temporaryDirectory();
  lines = [];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await environment.end();
  directory.remove();
});

/** A function that leaves a mark each time it is loaded, and gets no further when it hangs. */
function functionThat(hangs: 'at first' | 'always'): ExecutionEnvironment {
  const code = `
    import { existsSync, writeFileSync } from 'node:fs';
    const isFirst = !existsSync('first');
    writeFileSync(isFirst ? 'first' : 'second', '');
    if (isFirst || ${hangs === 'always'}) await new Promise(() => setInterval(() => undefined, 1000));
    let invocations = 0;
    export const handler = (event, context) => ({
      event,
      invocations: ++invocations,
      remaining: context.getRemainingTimeInMillis(),
    });`;
  writeFileSync(join(directory.path, 'index.mjs'), code);
  return new ExecutionEnvironment({
    configuration: {
      name: 'function',
      arn: 'arn',
      role: 'role',
      handler: 'index.handler',
      taskRoot: directory.path,
      memoryMegabytes: 256,
      timeoutSeconds: TIMEOUT_SECONDS,
      reservedConcurrency: undefined,
      variables: {},
    },
    endpoint: 'http://127.0.0.1:9',
    principal: {
      arn: 'arn',
      accessKeyId: 'id',
      secretAccessKey: 'secret',
      sessionToken: undefined,
      role: 'role',
    },
    log: (line) => lines.push(line),
  });
}

function invoke(payload = '{"n":1}') {
  return environment.invoke({ requestId: 'request', payload, arn: 'arn' });
}

async function loaded(mark: 'first' | 'second'): Promise<void> {
  await eventually(`the ${mark} load`, () => (existsSync(join(directory.path, mark)) ? true : undefined));
}

it('an init of more than ten seconds is repeated within the time of the invocation', async () => {
  environment = functionThat('at first');
  const outcome = invoke();
  await loaded('first');
  vi.advanceTimersByTime(9_999);
  await new Promise(setImmediate);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(1);
  const { succeeded, payload } = await outcome;
  expect(succeeded).toBe(true);
  const answer = JSON.parse(payload);
  expect(answer).toMatchObject({ event: { n: 1 }, invocations: 1 });
  // Loading it again was part of its time.
  expect(answer.remaining).toBeGreaterThan(0);
  expect(answer.remaining).toBeLessThan(TIMEOUT_SECONDS * 1000);
  expect(lines).toEqual(['INIT_REPORT Init Duration: 10000.00 ms Phase: init Status: timeout']);
  expect(JSON.parse((await invoke()).payload)).toMatchObject({ invocations: 2 });
});

it('an init that is not done when it is repeated fails at the timeout of the function', async () => {
  environment = functionThat('always');
  const outcome = invoke();
  await loaded('first');
  vi.advanceTimersByTime(10_000);
  await loaded('second');
  vi.advanceTimersByTime(TIMEOUT_SECONDS * 1000 - 1);
  expect(environment.alive).toBe(true);
  vi.advanceTimersByTime(1);
  const { succeeded, payload } = await outcome;
  expect(succeeded).toBe(false);
  expect(JSON.parse(payload)).toMatchObject({
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringMatching(/Task timed out after 20\.00 seconds$/),
  });
  expect(environment.alive).toBe(false);
});

it('an environment that ends while it loads for too long takes no further process', async () => {
  environment = functionThat('at first');
  const outcome = invoke();
  await loaded('first');
  vi.advanceTimersByTime(10_000);
  await environment.end();
  expect(await outcome).toMatchObject({ succeeded: false });
  expect(existsSync(join(directory.path, 'second'))).toBe(false);
});
