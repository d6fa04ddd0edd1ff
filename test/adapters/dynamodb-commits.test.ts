import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoJobStore } from '../../lambdas/adapters/dynamodb-job-store.ts';
import type { CommitSet } from '../../lambdas/ports/job-store.ts';
import { newJobId } from './jobs.ts';
import { startJobsTable } from './jobs-table.ts';

const NOW = Date.parse('2026-03-02T00:00:00.000Z');
const table = await startJobsTable();
const store = createDynamoJobStore({ ...table, clock: { now: () => NOW }, keepSeconds: 3600 });

function newSet(capacity: number, changes: Partial<CommitSet> = {}): CommitSet {
  return { tenant: 'acme', jobId: newJobId(), run: 1, name: 'scan-0', capacity, ...changes };
}

function shuffled(members: number[]): number[] {
  // Every third member, then the next third: neighbours in a slice are far apart in time.
  return [0, 1, 2].flatMap((rest) => members.filter((member) => member % 3 === rest));
}

async function recordsOf(set: CommitSet) {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `commits#acme#${set.jobId}#${set.run}#${set.name}` } },
    }),
  );
  return Items;
}

describe.each([
  { what: 'a set in one record', capacity: 128, records: ['whole'] },
  {
    what: 'a set in slices',
    capacity: 129,
    records: ['slice#0', 'slice#1', 'slice#2', 'slice#3', 'slice#4', 'summary'],
  },
])('$what', ({ capacity, records }) => {
  const members = shuffled(Array.from({ length: capacity }, (_, member) => member));

  it('counts every member once, whoever commits it and however often', async () => {
    const set = newSet(capacity);
    let size = 0;
    for (const member of members) {
      const value = { first: member * 10, next: null };
      ({ size } = await store.commit(set, member, value));
      if (member % 5 === 0) await store.commit(set, member, { first: -1, next: -1 });
    }
    expect(size).toBe(capacity);
    const commits = await store.commits(set);
    expect(commits.size).toBe(capacity);
    for (const member of members) expect(commits.get(member)).toEqual({ first: member * 10, next: null });
    expect((await recordsOf(set)).map(({ sk }) => sk?.S).sort()).toEqual(records);
  });

  it('tells at least one of those who commit at the same time that it is complete', async () => {
    const set = newSet(capacity);
    const sizes: number[] = [];
    for (let at = 0; at < capacity; at += 43) {
      const batch = members.slice(at, at + 43).map((member) => store.commit(set, member, {}));
      sizes.push(...(await Promise.all(batch)).map(({ size }) => size));
    }
    expect(sizes.filter((size) => size === capacity).length).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBe(capacity);
  });

  it('is complete again for whoever finds its last member committed', async () => {
    const set = newSet(capacity);
    for (const member of [1, 2, 100]) await store.commit(set, member, {});
    expect(await store.commit(set, 2, {})).toEqual({ size: 3 });
  });

  it('knows its members', async () => {
    const set = newSet(capacity);
    await store.commit(set, 100, {});
    expect(await store.hasCommitted(set, 100)).toBe(true);
    expect(await store.hasCommitted(set, 10)).toBe(false);
    expect(await store.hasCommitted({ ...set, tenant: 'other' }, 100)).toBe(false);
  });
});

describe('a set', () => {
  it('is apart from those of other runs, rounds, jobs and tenants', async () => {
    const set = newSet(4);
    await store.commit(set, 0, { rows: 1 });
    const others = [{ ...set, run: 2 }, { ...set, name: 'scan-1' }, { ...set, tenant: 'other' }, newSet(4)];
    for (const other of others) expect((await store.commits(other)).size).toBe(0);
  });

  it('of a few members among many counts them alike', async () => {
    const set = newSet(1000);
    for (const member of [999, 3, 500]) await store.commit(set, member, {});
    expect(await store.commit(set, 501, {})).toEqual({ size: 4 });
  });

  it('expires', async () => {
    const set = newSet(1000);
    await store.commit(set, 999, {});
    const expiries = (await recordsOf(set)).map(({ expiresAt }) => Number(expiresAt?.N));
    expect(expiries).toEqual([NOW / 1000 + 3600, NOW / 1000 + 3600]);
  });
});
