import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll } from 'vitest';

/** An issuer of JWTs on this machine, which publishes its keys over HTTP. */
export interface Issuer {
  readonly url: string;
  readonly keysUrl: string;
  /** How often the keys were fetched. */
  fetches(): number;
  /** Signs with a new key from now on, and publishes no other. */
  rotate(): Promise<void>;
  /** Instead of the keys: an error, nothing at all, or, when null, the keys again. */
  fail(how: 'error' | 'silence' | null): void;
  sign(claims: Record<string, unknown>, changes?: { alg?: string; kid?: string }): Promise<string>;
}

export async function startIssuer(): Promise<Issuer> {
  let [fetched, generation] = [0, 0];
  let failure: 'error' | 'silence' | null = null;
  let published: JWK = {};
  let privateKey: CryptoKey | undefined;

  const server = createServer((_request, response) => {
    fetched++;
    if (failure === 'silence') return;
    response.writeHead(failure === 'error' ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: [published] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;

  async function rotate(): Promise<void> {
    generation++;
    const pair = await generateKeyPair('ES256');
    privateKey = pair.privateKey;
    published = { ...(await exportJWK(pair.publicKey)), kid: `key-${generation}`, alg: 'ES256', use: 'sig' };
  }

  await rotate();
  return {
    url,
    keysUrl: `${url}keys`,
    fetches: () => fetched,
    rotate,
    fail: (how) => {
      failure = how;
    },
    sign: (claims, { alg = 'ES256', kid = published.kid ?? '' } = {}) => {
      if (privateKey === undefined) throw new Error('There is no key yet.');
      return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(privateKey);
    },
  };
}
