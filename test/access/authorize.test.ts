import { describe, expect, it } from 'vitest';
import { type AuthorizationContext, authorize } from '../../lambdas/api/authorize.ts';
import { authorizerEnvironmentSchema } from '../../lambdas/contracts/access-environment.ts';
import { allowStage } from '../../lambdas/domain/access/policy.ts';
import { createToken, hashOf, TEST_TOKEN } from '../../lambdas/domain/access/token.ts';
import type { TokenRecord } from '../../lambdas/ports/token-store.ts';

const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const HOUR = 3600_000;
const TOKEN = createToken(Buffer.alloc(32, 3));
const RECORD: TokenRecord = {
  id: 'tok_01KA0000000000000000000001',
  tenant: 'acme',
  name: 'CI',
  prefix: 'cdt_0l…',
  scopes: ['read', 'write'],
  requestsPerMinute: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: null,
  lastUsedAt: iso(NOW),
  revokedAt: null,
};

function iso(time: number): string {
  return new Date(time).toISOString();
}

function setUp(record: Partial<TokenRecord> = {}, changes: Partial<AuthorizationContext> = {}) {
  const calls = { find: 0, touched: [] as string[], untouched: [] as unknown[] };
  const context: AuthorizationContext = {
    tokens: {
      find: async (hash) => {
        calls.find++;
        return hash === hashOf(TOKEN) ? { ...RECORD, ...record } : null;
      },
      touch: async (_hash, at) => {
        calls.touched.push(at);
      },
    },
    identities: null,
    clock: { now: () => NOW },
    requestsPerMinute: 1200,
    onUntouched: (error) => calls.untouched.push(error),
    ...changes,
  };
  return { calls, ask: (header: string) => authorize(context, header) };
}

describe('a token', () => {
  it('speaks for its tenant', async () => {
    const expected = { tenant: 'acme', tokenId: RECORD.id, scopes: 'read write', requestsPerMinute: 1200 };
    expect(await setUp().ask(`Bearer ${TOKEN}`)).toEqual(expected);
  });

  it('may have a rate of its own', async () => {
    const { ask } = setUp({ requestsPerMinute: 60 });
    expect(await ask(`Bearer ${TOKEN}`)).toMatchObject({ requestsPerMinute: 60 });
  });

  it('counts until it expires or is revoked', async () => {
    const header = `Bearer ${TOKEN}`;
    expect(await setUp({ expiresAt: iso(NOW + 1) }).ask(header)).not.toBeNull();
    expect(await setUp({ expiresAt: iso(NOW) }).ask(header)).toBeNull();
    expect(await setUp({ revokedAt: iso(NOW - HOUR) }).ask(header)).toBeNull();
  });

  it('with a wrong checksum is refused without a lookup, another by one', async () => {
    const { ask, calls } = setUp();
    expect(await ask(`Bearer ${TOKEN.slice(0, -1)}~`)).toBeNull();
    expect(
      await ask(`Bearer ${TOKEN.slice(0, 10)}${TOKEN.charAt(10) === 'A' ? 'B' : 'A'}${TOKEN.slice(11)}`),
    ).toBeNull();
    expect(await ask('')).toBeNull();
    expect(calls.find).toBe(0);
    expect(await ask(`Bearer ${createToken(Buffer.alloc(32, 4))}`)).toBeNull();
    expect(await ask(`Bearer ${TEST_TOKEN}`)).toBeNull();
    expect(calls.find).toBe(2);
  });

  it('is not called wrong while the table is down', async () => {
    const down = { find: () => Promise.reject(new Error('down')), touch: () => Promise.resolve() };
    await expect(setUp({}, { tokens: down }).ask(`Bearer ${TOKEN}`)).rejects.toThrow('down');
  });
});

describe('the last use', () => {
  it('is written down once an hour', async () => {
    for (const [lastUsedAt, writes] of [
      [null, 1],
      [iso(NOW - HOUR), 1],
      [iso(NOW - HOUR + 1), 0],
    ] as const) {
      const { ask, calls } = setUp({ lastUsedAt });
      await ask(`Bearer ${TOKEN}`);
      expect(calls.touched, String(lastUsedAt)).toEqual(writes === 1 ? [iso(NOW)] : []);
    }
  });

  it('is not that of a token that no longer counts', async () => {
    const { ask, calls } = setUp({ lastUsedAt: null, revokedAt: iso(NOW) });
    await ask(`Bearer ${TOKEN}`);
    expect(calls.touched).toEqual([]);
  });

  it('that cannot be written down costs nobody an answer, but is told', async () => {
    const tokens = {
      find: async () => ({ ...RECORD, lastUsedAt: null }),
      touch: () => Promise.reject(new Error('throttled')),
    };
    const { ask, calls } = setUp({}, { tokens });
    expect(await ask(`Bearer ${TOKEN}`)).not.toBeNull();
    expect(calls.untouched).toEqual([new Error('throttled')]);
  });
});

describe('a JWT', () => {
  const identity = { tenant: 'beta', subject: 'https://issuer/\nuser', scopes: ['read'] as const };
  const ask = (verify: () => Promise<typeof identity | null>) =>
    setUp({}, { identities: { verify } }).ask('Bearer eyJh.eyJz.c2ln');

  it('counts where an issuer is configured and vouches for it', async () => {
    expect(await ask(async () => identity)).toMatchObject({
      tenant: 'beta',
      scopes: 'read',
      requestsPerMinute: 1200,
    });
    expect(await ask(async () => null)).toBeNull();
    await expect(ask(() => Promise.reject(new Error('no keys')))).rejects.toThrow('no keys');
    expect(await setUp().ask('Bearer eyJh.eyJz.c2ln')).toBeNull();
  });

  it('has the same id in every token of a subject, and another for another', async () => {
    const idOfSubject = async (subject: string) =>
      (await ask(async () => ({ ...identity, subject })))?.tokenId;
    expect(await idOfSubject('a')).toMatch(/^sub_[\w-]{22}$/);
    expect(await idOfSubject('a')).toBe(await idOfSubject('a'));
    expect(await idOfSubject('a')).not.toBe(await idOfSubject('b'));
  });
});

describe('the policy', () => {
  const context = { tenant: 'acme', tokenId: 'tok_1', scopes: 'read', requestsPerMinute: 60 };
  const arn = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/v1';

  it('allows every route of the stage and no other stage, whatever was called first', () => {
    const answer = allowStage(`${arn}/GET/api/jobs/job_1`, context, 'usage-key');
    expect(answer.policyDocument.Statement).toEqual([
      { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: `${arn}/*` },
    ]);
    expect(answer).toMatchObject({ principalId: 'tok_1', context, usageIdentifierKey: 'usage-key' });
    expect(allowStage(`${arn}/POST/api/analyze`, context, 'usage-key')).toEqual(answer);
  });

  it.each(['', '*', 'arn:aws:s3:::bucket/v1/GET', 'arn:aws:execute-api:eu-west-1:1:a', `${arn}`])(
    'is not made for %j',
    (wrong) => {
      expect(() => allowStage(wrong, context, 'usage-key')).toThrow(RangeError);
    },
  );
});

describe('the environment', () => {
  const own = {
    ACCESS_TABLE: 't',
    METRICS_NAMESPACE: 'n',
    USAGE_KEY: 'x'.repeat(20),
    REQUESTS_PER_MINUTE: '1200',
  };
  const oidc = { OIDC_ISSUER: 'https://i/', OIDC_AUDIENCE: 'a', OIDC_KEYS_URL: 'https://i/keys' };

  it('names an identity provider whole or not at all, and pins its algorithms', () => {
    expect(authorizerEnvironmentSchema.parse(own)).toMatchObject({ OIDC_ALGORITHMS: ['RS256', 'ES256'] });
    expect(authorizerEnvironmentSchema.safeParse({ ...own, ...oidc }).success).toBe(true);
    expect(authorizerEnvironmentSchema.safeParse({ ...own, OIDC_ISSUER: 'https://i/' }).success).toBe(false);
    for (const OIDC_ALGORITHMS of ['none', 'HS256', 'RS256 none'])
      expect(authorizerEnvironmentSchema.safeParse({ ...own, ...oidc, OIDC_ALGORITHMS }).success).toBe(false);
  });
});
