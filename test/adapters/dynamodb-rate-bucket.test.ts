import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDynamoRateBucket } from '../../lambdas/adapters/dynamodb-rate-bucket.ts';
import { recordKey } from '../../lambdas/adapters/dynamodb-records.ts';
import { type BucketLevel, takeTokens } from '../../lambdas/domain/job/token-bucket.ts';
import { startJobsTable } from './jobs-table.ts';

const table = await startJobsTable();
const RATE = { capacity: 10, refillPerMinute: 10 };
let calls = 0;
const count =
  <Args, Output>(next: (args: Args) => Promise<Output>) =>
  (args: Args): Promise<Output> => {
    calls++;
    return next(args);
  };
table.client.middlewareStack.add(count, { step: 'initialize' });

function bucketAt(now: number) {
  return createDynamoRateBucket(table.client, table.name, { now: () => now });
}

async function callsOf(work: () => Promise<unknown>): Promise<number> {
  const before = calls;
  await work();
  return calls - before;
}

describe('a rate bucket', () => {
  it('gives no more tokens than it has, however many ask at the same time', async () => {
    const asked = Array.from({ length: 14 }, () => bucketAt(1000).take('acme', 'heavy', RATE));
    const answers = await Promise.all(asked);
    expect(answers.filter(({ taken }) => taken)).toHaveLength(10);
    expect(answers.filter(({ taken }) => !taken)).toContainEqual({
      taken: false,
      retryAfterSeconds: 6,
      remaining: 0,
      fullAfterSeconds: 60,
    });
  });

  it('fills up again with time', async () => {
    for (let token = 0; token < 10; token++) await bucketAt(0).take('beta', 'heavy', RATE);
    expect(await bucketAt(5_999).take('beta', 'heavy', RATE)).toMatchObject({
      taken: false,
      retryAfterSeconds: 1,
    });
    expect(await bucketAt(6_000).take('beta', 'heavy', RATE)).toMatchObject({ taken: true, remaining: 0 });
    expect(await bucketAt(6_000).take('beta', 'heavy', RATE)).toMatchObject({ taken: false });
  });

  it('is each tenant’s own', async () => {
    for (let token = 0; token < 10; token++) await bucketAt(0).take('gamma', 'heavy', RATE);
    expect(await bucketAt(0).take('gamma', 'heavy', RATE)).toMatchObject({ taken: false });
    expect(await bucketAt(0).take('delta', 'heavy', RATE)).toMatchObject({ taken: true });
  });

  it('answers as the arithmetic says, whichever of two processes is asked and whenever', async () => {
    let run = 0;
    const step = fc.record({ wait: fc.nat({ max: 15_000 }), who: fc.nat({ max: 1 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
        const name = `run-${run++}`;
        let now = 1_700_000_000_000;
        let level: BucketLevel | null = null;
        const processes = [0, 1].map(() =>
          createDynamoRateBucket(table.client, table.name, { now: () => now }),
        );
        for (const { wait, who } of steps) {
          now += wait;
          const expected = takeTokens(level, RATE, now);
          level = expected.level;
          expect(await processes[who]?.take('algebra', name, RATE)).toEqual(expected.result);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is one write for a token, whether it is used now and then or all the time', async () => {
    let now = 1_700_000_000_000;
    const bucket = createDynamoRateBucket(table.client, table.name, { now: () => now });
    const take = (name: string) => callsOf(() => bucket.take('frugal', name, RATE));
    for (const wait of [0, 7_000, 60_000]) {
      now += wait;
      expect(await take('seldom')).toBe(1);
    }
    for (let token = 0; token < 10; token++) expect(await take('often')).toBe(1);
  });

  it('asks nobody for a token that cannot be there yet', async () => {
    let now = 1_700_000_000_000;
    const bucket = createDynamoRateBucket(table.client, table.name, { now: () => now });
    for (let token = 0; token < 10; token++) await bucket.take('eager', 'b', RATE);
    const refused = () => bucket.take('eager', 'b', RATE);
    expect(await callsOf(refused)).toBe(0);
    expect(await refused()).toMatchObject({ taken: false, retryAfterSeconds: 6 });
    now += 6_000;
    expect(await refused()).toMatchObject({ taken: true });
  });

  it('may be deleted when it is full again, and not before', async () => {
    await bucketAt(0).take('expiring', 'b', RATE);
    const { Item } = await table.client.send(
      new GetItemCommand({ TableName: table.name, Key: recordKey('bucket#expiring#b', 'bucket') }),
    );
    expect(Number(Item?.['expiresAt']?.N)).toBeGreaterThanOrEqual(6);
    expect(Number(Item?.['expiresAt']?.N)).toBeLessThanOrEqual(60);
  });

  it('takes a record that says nothing of a level for a full bucket', async () => {
    const Item = recordKey('bucket#blank#b', 'bucket');
    await table.client.send(new PutItemCommand({ TableName: table.name, Item }));
    expect(await bucketAt(0).take('blank', 'b', RATE)).toMatchObject({ taken: true, remaining: 9 });
  });

  it('gives up after its time', async () => {
    const hurried = createDynamoRateBucket(table.client, table.name, { now: () => 0 }, 0);
    await expect(hurried.take('acme', 'slow', RATE)).rejects.toThrow();
  });
});
