import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDynamoIdempotency } from '../../lambdas/adapters/dynamodb-idempotency.ts';
import { createDynamoTokens } from '../../lambdas/adapters/dynamodb-tokens.ts';
import { issueToken } from '../../lambdas/api/issue-token.ts';
import { createToken, listTokens, revokeToken } from '../../lambdas/api/tokens.ts';
import { createdTokenSchema, MAX_TOKENS, tokenPageSchema } from '../../lambdas/contracts/api/tokens.ts';
import { hashOf, isToken } from '../../lambdas/domain/access/token.ts';
import { createApi } from '../../lambdas/http/api.ts';
import type { Answer, Caller } from '../../lambdas/http/exchange.ts';
import { idempotency } from '../../lambdas/http/idempotency.ts';
import type { TokenStore } from '../../lambdas/ports/token-store.ts';
import { startJobsTable } from '../adapters/jobs-table.ts';
import { buildRequest, CALLER, countingMetrics } from './requests.ts';

let now = Date.parse('2026-03-01T10:00:00.000Z');
const table = await startJobsTable();
const clock = { now: () => now };
const services = {
  tokens: createDynamoTokens(table.client, table.name, clock),
  clock,
  random: (bytes: number) => randomBytes(bytes),
};

function apiOf(tokens: TokenStore = services.tokens): Answer {
  const own = { ...services, tokens };
  const verbs: Record<string, Answer> = {
    listTokens: (request) => listTokens(own, request),
    createToken: (request) => createToken(own, request),
    revokeToken: (request) => revokeToken(own, request),
  };
  const store = createDynamoIdempotency(table.client, table.name, { now: Date.now });
  return createApi({
    find: (id) => verbs[id] ?? null,
    middlewares: [idempotency({ store, metrics: countingMetrics(), onUnkept: () => undefined })],
    report: ({ cause }) => {
      throw cause;
    },
  });
}

const api = apiOf();

function of(tenant: string, changes: Partial<Caller> = {}): Caller {
  return { ...CALLER, tenant, ...changes };
}

function create(caller: Caller, json: unknown, headers: Record<string, string> = {}) {
  return api(buildRequest('createToken', { caller, json, headers, path: '/v1/api/tokens' }));
}

async function list(caller: Caller, query: Record<string, string[]> = {}) {
  const response = await api(buildRequest('listTokens', { caller, query }));
  expect(response.status).toBe(200);
  return tokenPageSchema.parse(response.body);
}

function revoke(caller: Caller, tokenId: string) {
  return api(
    buildRequest('revokeToken', { caller, parameters: { tokenId }, path: `/v1/api/tokens/${tokenId}` }),
  );
}

/** A caller whose own token is in the store. */
async function recorded(
  tenant: string,
  expiresAt: string | null,
  requestsPerMinute: number | null,
): Promise<Caller> {
  const grant = {
    tenant,
    name: 'own',
    scopes: ['read' as const, 'admin' as const],
    requestsPerMinute,
    expiresAt,
  };
  const { token } = await issueToken(services, grant);
  return of(tenant, {
    tokenId: token.id,
    scopes: token.scopes,
    requestsPerMinute: requestsPerMinute ?? 1200,
  });
}

describe('making a token', () => {
  it('shows its secret, which then is found by its hash', async () => {
    const response = await create(of('maker'), { name: ' CI ', scopes: ['write', 'read'] });
    const created = createdTokenSchema.parse(response.body);
    expect(response).toMatchObject({ status: 201, headers: { Location: `/v1/api/tokens/${created.id}` } });
    expect(created).toMatchObject({
      name: 'CI',
      scopes: ['read', 'write'],
      expiresAt: null,
      lastUsedAt: null,
    });
    expect(isToken(created.token ?? '')).toBe(true);
    expect(created.token?.startsWith(created.prefix.slice(0, -1))).toBe(true);
    expect(await services.tokens.find(hashOf(created.token ?? ''))).toMatchObject({
      id: created.id,
      tenant: 'maker',
    });
  });

  it('twice under one key makes one, and shows the secret once', async () => {
    const headers = { 'idempotency-key': 'one' };
    const first = createdTokenSchema.parse(
      (await create(of('repeater'), { name: 'a', scopes: ['read'] }, headers)).body,
    );
    const again = createdTokenSchema.parse(
      (await create(of('repeater'), { name: 'a', scopes: ['read'] }, headers)).body,
    );
    expect(again).toEqual({ ...first, token: null });
    expect((await list(of('repeater'))).data).toHaveLength(1);
  });

  it('gives no scope that the caller has not', async () => {
    const caller = of('modest', { scopes: ['read', 'admin'] });
    for (const scopes of [['write'], ['read', 'write']])
      expect(await create(caller, { name: 'a', scopes })).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      });
    expect((await create(caller, { name: 'a', scopes: ['read'] })).status).toBe(201);
    expect((await list(of('modest'))).data).toHaveLength(1);
  });

  it('gives no more time than the caller has, and the same when nothing is said', async () => {
    const end = new Date(now + 3600_000).toISOString();
    const caller = await recorded('brief', end, null);
    const asked = (expiresAt: string | null) => create(caller, { name: 'a', scopes: ['read'], expiresAt });
    expect(await asked(new Date(now + 3600_001).toISOString())).toMatchObject({ status: 403 });
    expect(await asked(null)).toMatchObject({ status: 201, body: { expiresAt: end } });
    expect(await asked('2026-03-01T11:30:00+01:00')).toMatchObject({
      status: 201,
      body: { expiresAt: '2026-03-01T10:30:00.000Z' },
    });
  });

  it('gives the caller’s rate', async () => {
    const limited = await recorded('limited', null, 60);
    expect((await create(limited, { name: 'a', scopes: ['read'] })).body).toMatchObject({
      requestsPerMinute: 60,
    });
    const usual = await recorded('usual', null, null);
    expect((await create(usual, { name: 'a', scopes: ['read'] })).body).toMatchObject({
      requestsPerMinute: null,
    });
    const foreign = of('foreign', { tokenId: 'sub_x', requestsPerMinute: 90 });
    expect((await create(foreign, { name: 'a', scopes: ['read'] })).body).toMatchObject({
      requestsPerMinute: 90,
    });
  });

  it.each([
    [{ scopes: ['read'] }, '/name'],
    [{ name: ' ', scopes: ['read'] }, '/name'],
    [{ name: 'x'.repeat(101), scopes: ['read'] }, '/name'],
    [{ name: 'a', scopes: [] }, '/scopes'],
    [{ name: 'a', scopes: ['none'] }, '/scopes/0'],
    [{ name: 'a', scopes: ['read'], expiresAt: 'tomorrow' }, '/expiresAt'],
    [{ name: 'a', scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
    [{ name: 'a', scopes: ['read'], tenant: 'other' }, '/tenant'],
  ])('of %j is refused, and says where', async (json, pointer) => {
    const refused = await create(of('wrong'), json);
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ pointer }] } });
    expect((await list(of('wrong'))).data).toEqual([]);
  });

  it('ends at a number of tokens that count', async () => {
    const record = { ...(await services.tokens.list('maker'))[0], revokedAt: null, expiresAt: null };
    const many = Array.from({ length: MAX_TOKENS }, () => record);
    const ended = { ...record, revokedAt: new Date(now).toISOString() };
    const request = () =>
      buildRequest('createToken', { caller: of('maker'), json: { name: 'a', scopes: ['read'] } });
    const storeOf = (records: unknown[]) => ({ ...services.tokens, list: async () => records }) as TokenStore;
    expect(await apiOf(storeOf(many))(request())).toMatchObject({ status: 400 });
    expect(await apiOf(storeOf([...many.slice(1), ended]))(request())).toMatchObject({ status: 201 });
  });
});

describe('the list', () => {
  it('goes on where a page ended, newest first, and never shows a secret', async () => {
    const secrets: string[] = [];
    for (let i = 0; i < 5; i++) {
      now += 1000;
      const { body } = await create(of('lister'), { name: `t${i}`, scopes: ['read'] });
      secrets.push(createdTokenSchema.parse(body).token ?? '');
    }
    const names: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list(of('lister'), {
        limit: ['2'],
        ...(cursor !== null && { cursor: [cursor] }),
      });
      expect(page.page.total).toBe(5);
      for (const secret of secrets) expect(JSON.stringify(page)).not.toContain(secret.slice(6));
      names.push(...page.data.map(({ name }) => name));
      cursor = page.page.next;
    } while (cursor !== null);
    expect(names).toEqual(['t4', 't3', 't2', 't1', 't0']);
  });
});

describe('revoking', () => {
  it('ends a token, and again changes nothing', async () => {
    const created = createdTokenSchema.parse(
      (await create(of('revoker'), { name: 'a', scopes: ['read'] })).body,
    );
    const at = new Date(now).toISOString();
    expect((await revoke(of('revoker'), created.id)).status).toBe(204);
    now += 1000;
    expect((await revoke(of('revoker'), created.id)).status).toBe(204);
    expect((await list(of('revoker'))).data).toMatchObject([{ id: created.id, revokedAt: at }]);
    expect((await services.tokens.find(hashOf(created.token ?? '')))?.revokedAt).toBe(at);
  });

  it('does not find the tokens of others, or none at all', async () => {
    const created = createdTokenSchema.parse(
      (await create(of('victim'), { name: 'a', scopes: ['read'] })).body,
    );
    for (const [caller, id] of [
      [of('attacker'), created.id],
      [of('victim'), 'tok_none'],
      [of('victim'), '01KA#..'],
    ] as const)
      expect(await revoke(caller, id)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await list(of('victim'))).data).toMatchObject([{ revokedAt: null }]);
  });
});
