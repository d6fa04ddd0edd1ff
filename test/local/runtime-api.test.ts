import { expect, it } from 'vitest';
import { RuntimeApi } from '../../local/lambda/runtime-api.ts';

const invocation = (requestId: string) => ({
  requestId,
  functionArn: 'arn',
  payload: `"${requestId}"`,
  deadline: 5,
  trace: 'Root=1-6ab1c2d3-0123456789abcdef01234567;Sampled=0',
});

function start() {
  const told: string[] = [];
  const api = RuntimeApi.listen({
    onReady: () => told.push('ready'),
    onInitError: (body) => told.push(`init ${body}`),
    onResponse: (id, body) => told.push(`response ${id} ${body}`),
    onError: (id, body) => told.push(`error ${id} ${body}`),
  });
  return { api, told };
}

it('hands an invocation to a runtime that waits, and to one that comes back later', async () => {
  const { api: starting, told } = start();
  const api = await starting;
  const base = `http://${api.address}/2018-06-01/runtime`;
  // An environment is free as soon as its answer is in, which may be before it asks for more.
  api.hand(invocation('early'));
  const early = await fetch(`${base}/invocation/next`);
  expect(early.headers.get('lambda-runtime-aws-request-id')).toBe('early');
  expect(early.headers.get('lambda-runtime-deadline-ms')).toBe('5');
  expect(early.headers.get('lambda-runtime-trace-id')).toBe(invocation('early').trace);
  expect(await early.text()).toBe('"early"');

  const waiting = fetch(`${base}/invocation/next`);
  await expect.poll(() => told.length).toBe(2);
  api.hand(invocation('late'));
  expect(await (await waiting).text()).toBe('"late"');
  expect(told).toEqual(['ready', 'ready']);
  api.close();
});

it('tells answers and errors, and an answer over six megabytes as an error', async () => {
  const { api: starting, told } = start();
  const api = await starting;
  const post = async (path: string, body: string) =>
    (await fetch(`http://${api.address}/2018-06-01/runtime/${path}`, { method: 'POST', body })).status;
  expect(await post('invocation/a/response', '{"x":1}')).toBe(202);
  expect(await post('invocation/b/error', 'failed')).toBe(202);
  expect(await post('init/error', 'broken')).toBe(202);
  expect(await post('invocation/c/response', 'x'.repeat(6 * 1024 ** 2 + 1))).toBe(413);
  expect(told.slice(0, 3)).toEqual(['response a {"x":1}', 'error b failed', 'init broken']);
  expect(told[3]).toContain('error c {"errorType":"Function.ResponseSizeTooLarge"');
  api.close();
});
