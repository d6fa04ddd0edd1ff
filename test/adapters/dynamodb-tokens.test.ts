import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoTokens } from '../../lambdas/adapters/dynamodb-tokens.ts';
import type { Token } from '../../lambdas/contracts/token.ts';
import { createToken, hashOf, shownPrefix } from '../../lambdas/domain/access/token.ts';
import { idOf } from '../../lambdas/domain/job/job-id.ts';
import { startJobsTable } from './jobs-table.ts';

const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const DAY = 24 * 3600_000;
const table = await startJobsTable();
const store = storeAt(NOW);
let made = 0;

function storeAt(now: number) {
  return createDynamoTokens(table.client, table.name, { now: () => now });
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function build(changes: Partial<Token> = {}): { token: Token; secret: string; hash: string } {
  made++;
  const secret = createToken(Buffer.alloc(32, made));
  const token: Token = {
    id: idOf('tok', NOW + made, secret),
    tenant: 'acme',
    name: 'CI',
    prefix: shownPrefix(secret),
    scopes: ['read', 'write'],
    requestsPerMinute: null,
    createdAt: iso(NOW),
    expiresAt: null,
    ...changes,
  };
  return { token, secret, hash: hashOf(secret) };
}

describe('a token', () => {
  it('is found by the hash of its secret, and by nothing else', async () => {
    const { token, hash } = build({ tenant: 'found' });
    await store.create(token, hash);
    expect(await store.find(hash)).toEqual({ ...token, lastUsedAt: null, revokedAt: null });
    expect(await store.find(hashOf('cdt_other'))).toBeNull();
    expect(await store.find('')).toBeNull();
  });

  it('leaves its secret nowhere in the table', async () => {
    const { token, secret, hash } = build({ tenant: 'secretive' });
    await store.create(token, hash);
    await store.touch(hash, iso(NOW));
    await store.revoke('secretive', token.id, iso(NOW));
    const { Items } = await table.client.send(new ScanCommand({ TableName: table.name }));
    const content = JSON.stringify(Items);
    expect(content).toContain(hash);
    expect(content).not.toContain(secret);
    expect(content).not.toContain(secret.slice(10, 20));
  });

  it('is never replaced by another of the same hash', async () => {
    const { token, hash } = build({ tenant: 'twice' });
    await store.create(token, hash);
    const second = build({ tenant: 'thief' });
    await expect(store.create(second.token, hash)).rejects.toThrow();
    expect((await store.find(hash))?.tenant).toBe('twice');
  });
});

describe('the list of a tenant', () => {
  it('has all of its tokens, newest first, and nobody else’s', async () => {
    const ours = [build({ tenant: 'lister' }), build({ tenant: 'lister' }), build({ tenant: 'lister' })];
    const others = build({ tenant: 'lister2' });
    for (const { token, hash } of [...ours, others]) await store.create(token, hash);
    const expected = ours.map(({ token }) => token.id).reverse();
    expect((await store.list('lister')).map(({ id }) => id)).toEqual(expected);
    expect(await store.list('nobody')).toEqual([]);
  });

  it('says when each was last used', async () => {
    const { token, hash } = build({ tenant: 'user' });
    await store.create(token, hash);
    await store.touch(hash, iso(NOW));
    expect(await store.list('user')).toEqual([{ ...token, lastUsedAt: iso(NOW), revokedAt: null }]);
  });

  it('names tokens for 30 days after they ended', async () => {
    const expiring = build({ tenant: 'ended', expiresAt: iso(NOW + DAY) });
    const revoked = build({ tenant: 'ended' });
    for (const { token, hash } of [expiring, revoked]) await store.create(token, hash);
    await store.revoke('ended', revoked.token.id, iso(NOW));
    expect(await storeAt(NOW + 30 * DAY - 1).list('ended')).toHaveLength(2);
    expect((await storeAt(NOW + 30 * DAY).list('ended')).map(({ id }) => id)).toEqual([expiring.token.id]);
    expect(await storeAt(NOW + 31 * DAY).list('ended')).toEqual([]);
  });
});

describe('revoking', () => {
  it('is seen at once, by whoever looks', async () => {
    const { token, hash } = build({ tenant: 'revoker' });
    await store.create(token, hash);
    const revoked = { ...token, lastUsedAt: null, revokedAt: iso(NOW) };
    expect(await store.revoke('revoker', token.id, iso(NOW))).toEqual(revoked);
    expect(await store.find(hash)).toEqual(revoked);
    expect(await store.list('revoker')).toEqual([revoked]);
  });

  it('again changes nothing', async () => {
    const { token, hash } = build({ tenant: 'again' });
    await store.create(token, hash);
    await store.revoke('again', token.id, iso(NOW));
    expect((await store.revoke('again', token.id, iso(NOW + DAY)))?.revokedAt).toBe(iso(NOW));
  });

  it('reaches no token of another tenant, and none that is not there', async () => {
    const { token, hash } = build({ tenant: 'victim' });
    await store.create(token, hash);
    expect(await store.revoke('attacker', token.id, iso(NOW))).toBeNull();
    expect((await store.find(hash))?.revokedAt).toBeNull();
    expect(await store.revoke('victim', idOf('tok', NOW, 'none'), iso(NOW))).toBeNull();
  });
});

describe('a use', () => {
  it('of a token that is gone brings nothing back', async () => {
    const { hash } = build();
    await store.touch(hash, iso(NOW));
    expect(await store.find(hash)).toBeNull();
  });
});
