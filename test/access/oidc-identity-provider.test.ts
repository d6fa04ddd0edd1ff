import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  createOidcIdentityProvider,
  type OidcSettings,
} from '../../lambdas/adapters/oidc-identity-provider.ts';
import { startIssuer } from './jwks-server.ts';

const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const SECONDS = NOW / 1000;
const issuer = await startIssuer();
const claims = {
  iss: issuer.url,
  aud: 'creative-dynamics',
  sub: 'user-7',
  exp: SECONDS + 600,
  tenant: 'acme',
  scope: 'openid read write',
};

function provider(changes: Partial<OidcSettings> = {}, now = () => NOW) {
  const settings = {
    issuer: issuer.url,
    audience: 'creative-dynamics',
    keysUrl: issuer.keysUrl,
    algorithms: ['ES256'],
    tenantClaim: 'tenant',
    scopeClaim: 'scope',
    scopePrefix: '',
    ...changes,
  };
  return createOidcIdentityProvider(settings, { now });
}

describe('a JWT of the issuer', () => {
  it('speaks for its tenant and subject, with the scopes that are ours', async () => {
    const identity = await provider().verify(await issuer.sign(claims));
    expect(identity).toEqual({
      tenant: 'acme',
      subject: `${issuer.url}\nuser-7`,
      scopes: ['read', 'write'],
    });
  });

  it('may have its claims elsewhere, scopes as a list and with a prefix', async () => {
    const settings = { tenantClaim: 'custom:org', scopeClaim: 'permissions', scopePrefix: 'cd/' };
    const permissions = ['cd/read', 'admin', 'cd/everything', 7];
    const jwt = await issuer.sign({ ...claims, tenant: 'other', 'custom:org': 'beta', permissions });
    expect(await provider(settings).verify(jwt)).toMatchObject({ tenant: 'beta', scopes: ['read'] });
  });

  it('without scopes may do nothing, but is known', async () => {
    const jwt = await issuer.sign({ ...claims, scope: undefined });
    expect(await provider().verify(jwt)).toMatchObject({ scopes: [] });
  });

  it.each([
    ['another issuer', { iss: 'https://elsewhere.example/' }],
    ['another audience', { aud: 'someone-else' }],
    ['no audience', { aud: undefined }],
    ['a time that is over', { exp: SECONDS - 6 }],
    ['no time to end', { exp: undefined }],
    ['a time to begin that has not come', { nbf: SECONDS + 6 }],
    ['no subject', { sub: undefined }],
    ['no tenant', { tenant: undefined }],
    ['a tenant nobody can be', { tenant: 'acme#job' }],
    ['several tenants', { tenant: ['acme', 'beta'] }],
  ])('with %s does not hold', async (_what, change) => {
    expect(await provider().verify(await issuer.sign({ ...claims, ...change }))).toBeNull();
  });

  it('holds to the second, give or take five', async () => {
    const jwt = await issuer.sign(claims);
    expect(await provider({}, () => claims.exp * 1000 + 4_999).verify(jwt)).not.toBeNull();
    expect(await provider({}, () => claims.exp * 1000 + 5_000).verify(jwt)).toBeNull();
  });
});

describe('a forged JWT', () => {
  it('without a signature does not hold', async () => {
    expect(await provider().verify(new UnsecuredJWT(claims).encode())).toBeNull();
  });

  it('changed after it was signed does not hold', async () => {
    const [head, , signature] = (await issuer.sign(claims)).split('.');
    const body = Buffer.from(JSON.stringify({ ...claims, tenant: 'victim' })).toString('base64url');
    expect(await provider().verify(`${head}.${body}.${signature}`)).toBeNull();
  });

  it('signed with a key of its own, under the name of the issuer’s, does not hold', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const kid = JSON.parse(
      Buffer.from((await issuer.sign(claims)).split('.')[0] ?? '', 'base64url').toString(),
    ).kid;
    const jwt = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
    expect(await provider().verify(jwt)).toBeNull();
  });

  it('signed with the public key as a shared secret does not hold', async () => {
    const answer: { keys: unknown[] } = JSON.parse(await (await fetch(issuer.keysUrl)).text());
    const secret = JSON.stringify(answer.keys[0]);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = `${part({ alg: 'HS256', kid: 'key-1' })}.${part(claims)}`;
    const signature = createHmac('sha256', secret).update(head).digest('base64url');
    expect(await provider().verify(`${head}.${signature}`)).toBeNull();
  });

  it('of an algorithm that is not pinned does not hold, right as its signature is', async () => {
    expect(await provider({ algorithms: ['RS256'] }).verify(await issuer.sign(claims))).toBeNull();
  });

  it.each(['a.b.c', 'e30.e30.', '..'])('such as %j does not hold', async (text) => {
    expect(await provider().verify(text)).toBeNull();
  });
});

describe('the issuer’s keys', () => {
  it('are fetched once for many tokens', async () => {
    const one = provider();
    const jwt = await issuer.sign(claims);
    await one.verify(jwt);
    const before = issuer.fetches();
    await Promise.all(Array.from({ length: 10 }, () => one.verify(jwt)));
    expect(issuer.fetches()).toBe(before);
  });

  it('are fetched again for a new one after a rotation, and the old one then no longer counts', async () => {
    const jwt = await issuer.sign(claims);
    const one = provider();
    expect(await one.verify(jwt)).not.toBeNull();
    await issuer.rotate();
    // A fresh provider stands for one whose pause between fetches is over.
    const later = provider();
    expect(await later.verify(await issuer.sign(claims))).not.toBeNull();
    expect(await later.verify(jwt)).toBeNull();
  });

  it('are not fetched for every name that somebody makes up', async () => {
    const one = provider();
    await one.verify(await issuer.sign(claims));
    const before = issuer.fetches();
    for (const kid of ['made-up-1', 'made-up-2', 'made-up-3'])
      expect(await one.verify(await issuer.sign(claims, { kid }))).toBeNull();
    expect(issuer.fetches() - before).toBeLessThanOrEqual(1);
  });

  it('that cannot be had say nothing about a token', async () => {
    const jwt = await issuer.sign(claims);
    issuer.fail('error');
    await expect(provider().verify(jwt)).rejects.toThrow();
    issuer.fail('silence');
    await expect(provider().verify(jwt)).rejects.toThrow();
    issuer.fail(null);
    await expect(provider({ keysUrl: 'http://127.0.0.1:1/' }).verify(jwt)).rejects.toThrow();
    expect(await provider().verify(jwt)).not.toBeNull();
  });
});
