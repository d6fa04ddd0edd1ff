import { describe, expect, it } from 'vitest';
import { createDynamoRateBucket } from '../../lambdas/adapters/dynamodb-rate-bucket.ts';
import { startJobsTable } from './jobs-table.ts';

const table = await startJobsTable();
const RATE = { capacity: 10, refillPerMinute: 10 };

function bucketAt(now: number) {
  return createDynamoRateBucket(table.client, table.name, { now: () => now });
}

describe('a rate bucket', () => {
  it('gives no more tokens than it has, however many ask at the same time', async () => {
    const asked = Array.from({ length: 14 }, () => bucketAt(1000).take('acme', 'heavy', RATE));
    const answers = await Promise.all(asked);
    expect(answers.filter(({ taken }) => taken)).toHaveLength(10);
    expect(answers.filter(({ taken }) => !taken)).toContainEqual({ taken: false, retryAfterSeconds: 6 });
  });

  it('fills up again with time', async () => {
    for (let token = 0; token < 10; token++) await bucketAt(0).take('beta', 'heavy', RATE);
    expect(await bucketAt(5_999).take('beta', 'heavy', RATE)).toEqual({ taken: false, retryAfterSeconds: 1 });
    expect(await bucketAt(6_000).take('beta', 'heavy', RATE)).toEqual({ taken: true });
    expect(await bucketAt(6_000).take('beta', 'heavy', RATE)).toMatchObject({ taken: false });
  });

  it('is each tenant’s own', async () => {
    for (let token = 0; token < 10; token++) await bucketAt(0).take('gamma', 'heavy', RATE);
    expect(await bucketAt(0).take('gamma', 'heavy', RATE)).toMatchObject({ taken: false });
    expect(await bucketAt(0).take('delta', 'heavy', RATE)).toEqual({ taken: true });
  });
});
