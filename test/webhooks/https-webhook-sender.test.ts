import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { createHttpsWebhookSender, type SenderOptions } from '../../lambdas/adapters/https-webhook-sender.ts';
import { loopbackCertificate } from '../../local/tls/certificate.ts';
import { temporaryDirectory } from '../local/temporary-directory.ts';

const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const directory = temporaryDirectory();
const { certificateFile, keyFile } = loopbackCertificate(directory.path);
const ca = readFileSync(certificateFile);
let listener: RequestListener = (_request, response) => response.end();
let requests = 0;
const server = createServer({ cert: ca, key: readFileSync(keyFile) }, (request, response) => {
  requests++;
  listener(request, response);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const url = `https://localhost:${port}/hook?x=1`;
afterAll(() => {
  server.closeAllConnections();
  server.close();
  directory.remove();
});

/** A sender that may reach this machine, and nothing else of what it may not. */
function sender(changes: Partial<SenderOptions> = {}) {
  return createHttpsWebhookSender({
    clock: { now: () => NOW },
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    problemOf: () => null,
    isAllowed: (address) => address === '127.0.0.1',
    ca,
    ...changes,
  });
}

function answering(answer: (request: IncomingMessage, response: ServerResponse) => void): void {
  listener = answer;
}

const request = {
  url,
  headers: { 'content-type': 'application/json', 'webhook-id': 'whd_1' },
  body: '{"ü":1}',
};

describe('sending', () => {
  it('posts body and headers as they are', async () => {
    const seen = Promise.withResolvers<unknown>();
    answering(async (incoming, response) => {
      const { method, url: path, headers } = incoming;
      seen.resolve({
        method,
        path,
        id: headers['webhook-id'],
        host: headers.host,
        body: await text(incoming),
      });
      response.end('thanks');
    });
    expect(await sender().send(request)).toEqual({ status: 200, answer: 'thanks', retryAfterSeconds: null });
    expect(await seen.promise).toEqual({
      method: 'POST',
      path: '/hook?x=1',
      id: 'whd_1',
      host: `localhost:${port}`,
      body: '{"ü":1}',
    });
  });

  it('follows no redirect', async () => {
    answering((_incoming, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    const before = requests;
    expect(await sender().send(request)).toMatchObject({ status: 302 });
    expect(requests).toBe(before + 1);
  });

  it('keeps a kilobyte of an answer that never ends', async () => {
    answering((_incoming, response) => response.writeHead(500).write('x'.repeat(5000)));
    const answer = await sender().send(request);
    expect(answer).toMatchObject({ status: 500, answer: 'x'.repeat(1024) });
  });

  it.each([
    ['120', 120],
    ['Sun, 01 Mar 2026 10:01:30 GMT', 90],
    ['Sun, 01 Mar 2026 09:00:00 GMT', 0],
    ['soon', null],
    ['-5', null],
  ])('reads Retry-After: %s', async (header, expected) => {
    answering((_incoming, response) => response.writeHead(503, { 'retry-after': header }).end());
    expect(await sender().send(request)).toEqual({ status: 503, answer: '', retryAfterSeconds: expected });
  });

  it.each([
    ['says nothing', () => undefined],
    [
      'stops in the middle',
      (_incoming: IncomingMessage, response: ServerResponse) => void response.writeHead(200).write('x'),
    ],
  ])('gives a receiver up that %s', async (_what, behaviour) => {
    answering(behaviour);
    expect(await sender({ timeoutMs: 200 }).send(request)).toEqual({
      error: 'There was no answer within 0.2 s.',
    });
  });

  it('gives a name up that is not resolved in time', async () => {
    const never = () => new Promise<never>(() => undefined);
    expect(await sender({ timeoutMs: 50, resolve: never }).send(request)).toMatchObject({ error: /within/ });
  });

  it('reports what went wrong and rejects never', async () => {
    answering((incoming) => incoming.socket.destroy());
    expect(await sender().send(request)).toEqual({ error: expect.stringMatching(/hang up|ECONNRESET/) });
    const failing = () => Promise.reject(new Error('getaddrinfo ENOTFOUND'));
    expect(await sender({ resolve: failing }).send(request)).toEqual({ error: 'getaddrinfo ENOTFOUND' });
  });
});

describe('an address that may not be reached', () => {
  it.each(['10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00:ec2::254'])(
    'is refused when a name leads to %s, also beside a public one',
    async (address) => {
      const family = address.includes(':') ? 6 : 4;
      const before = requests;
      const resolve = async () => [
        { address: '127.0.0.1', family: 4 },
        { address, family },
      ];
      expect(await sender({ resolve }).send(request)).toEqual({
        error: expect.stringContaining('not public'),
      });
      expect(requests).toBe(before);
    },
  );

  it('is refused by default, whatever leads there', async () => {
    const strict = createHttpsWebhookSender({ clock: { now: () => NOW }, ca });
    const before = requests;
    for (const target of [
      url,
      `https://127.0.0.1:${port}/`,
      `https://2130706433:${port}/`,
      `https://[::1]:${port}/`,
    ])
      expect(await strict.send({ ...request, url: target }), target).toEqual({ error: expect.any(String) });
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const named = createHttpsWebhookSender({ clock: { now: () => NOW }, ca, resolve });
    expect(await named.send({ ...request, url: `https://hooks.example.com:${port}/` })).toEqual({
      error: 'hooks.example.com is at 127.0.0.1, which is not public.',
    });
    expect(requests).toBe(before);
  });

  it('is not reached by a name that leads elsewhere after the check', async () => {
    answering((_incoming, response) => response.end('reached'));
    let asked = 0;
    const resolve = async () => {
      asked++;
      return [{ address: asked === 1 ? '127.0.0.1' : '10.255.255.1', family: 4 }];
    };
    expect(await sender({ resolve }).send(request)).toMatchObject({ status: 200, answer: 'reached' });
    expect(asked).toBe(1);
    // A name that only our resolver knows: that the certificate of this server is refused shows who was connected to.
    const elsewhere = { ...request, url: `https://hooks.invalid:${port}/` };
    expect(await sender().send(elsewhere)).toEqual({ error: expect.stringContaining('altnames') });
  });

  it('is refused when its certificate is of nobody we trust', async () => {
    const untrusting = createHttpsWebhookSender({
      clock: { now: () => NOW },
      problemOf: () => null,
      isAllowed: () => true,
    });
    expect(await untrusting.send(request)).toEqual({ error: expect.stringMatching(/certificate/i) });
  });
});
