import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDynamoInFlight } from '../../lambdas/adapters/dynamodb-in-flight.ts';
import { recordKey } from '../../lambdas/adapters/dynamodb-records.ts';
import { startJobsTable } from './jobs-table.ts';

const table = await startJobsTable();
const LIMITS = { jobs: 3, bytes: 100, leaseSeconds: 3600 };
const START = 1_700_000_000_000;

function inFlightAt(now: number) {
  return createDynamoInFlight(table.client, table.name, { now: () => now });
}

async function recordOf(tenant: string) {
  const Key = recordKey(`in-flight#${tenant}`, 'jobs');
  const { Item = {} } = await table.client.send(new GetItemCommand({ TableName: table.name, Key }));
  const listed = Object.entries(Item).filter(([name]) => name.startsWith('b_'));
  return {
    jobs: Number(Item['jobs']?.N ?? 0),
    bytes: Number(Item['bytes']?.N ?? 0),
    listed: Object.fromEntries(listed.map(([name, { N }]) => [name.slice(2), Number(N)])),
    expiresAt: Number(Item['expiresAt']?.N),
  };
}

describe('jobs in flight', () => {
  it('are no more than their tenant may have, however many come at the same time', async () => {
    const asked = Array.from({ length: 8 }, (_, i) =>
      inFlightAt(START).enter({ tenant: 'crowd', jobId: `job_${i}` }, 10, LIMITS),
    );
    expect((await Promise.all(asked)).filter((entered) => entered)).toHaveLength(3);
    expect(await recordOf('crowd')).toMatchObject({ jobs: 3, bytes: 30 });
    expect(await inFlightAt(START).enter({ tenant: 'other', jobId: 'job_9' }, 10, LIMITS)).toBe(true);
  });

  it('may have so many bytes together; one that is larger than that goes alone', async () => {
    const inFlight = inFlightAt(START);
    const enter = (jobId: string, bytes: number) => inFlight.enter({ tenant: 'large', jobId }, bytes, LIMITS);
    expect(await enter('huge', 101)).toBe(true);
    expect(await enter('empty', 0)).toBe(false);
    await inFlight.leave({ tenant: 'large', jobId: 'huge' });
    expect(await enter('most', 90)).toBe(true);
    expect(await enter('more', 11)).toBe(false);
    expect(await enter('rest', 10)).toBe(true);
    expect(await enter('huge', 101)).toBe(false);
  });

  it('count once, however often they enter and leave', async () => {
    let run = 0;
    const step = fc.record({ enters: fc.boolean(), job: fc.nat({ max: 4 }), bytes: fc.nat({ max: 60 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const tenant = `model-${run++}`;
        const inFlight = inFlightAt(START);
        const model = new Map<string, number>();
        for (const { enters, job, bytes } of steps) {
          const jobId = `job_${job}`;
          if (!enters) {
            await inFlight.leave({ tenant, jobId });
            model.delete(jobId);
            continue;
          }
          const held = [...model.values()].reduce((sum, own) => sum + own, 0);
          const hasRoom = model.size < LIMITS.jobs && (model.size === 0 || held + bytes <= LIMITS.bytes);
          const expected = model.has(jobId) || hasRoom;
          expect(await inFlight.enter({ tenant, jobId }, bytes, LIMITS)).toBe(expected);
          if (expected && !model.has(jobId)) model.set(jobId, bytes);
        }
        const held = [...model.values()].reduce((sum, own) => sum + own, 0);
        const { jobs, bytes, listed } = await recordOf(tenant);
        expect({ jobs, bytes, listed }).toEqual({
          jobs: model.size,
          bytes: held,
          listed: Object.fromEntries(model),
        });
      }),
      { numRuns: 30 },
    );
  });

  it('do not keep others out for ever when nobody said that they are over', async () => {
    for (const jobId of ['a', 'b', 'c']) {
      await inFlightAt(START).enter({ tenant: 'stranded', jobId }, 10, LIMITS);
    }
    const late = { tenant: 'stranded', jobId: 'd' };
    expect(await inFlightAt(START + 3_599_999).enter(late, 10, LIMITS)).toBe(false);
    expect(await inFlightAt(START + 3_600_000).enter(late, 10, LIMITS)).toBe(true);
    expect(await recordOf('stranded')).toMatchObject({ jobs: 1, bytes: 10, listed: { d: 10 } });
    // One that is over after all takes nothing away from those that came after it.
    await inFlightAt(START + 3_600_001).leave({ tenant: 'stranded', jobId: 'a' });
    expect(await recordOf('stranded')).toMatchObject({ jobs: 1, bytes: 10 });
  });

  it('leave a record that goes when the last of them cannot be running any more', async () => {
    await inFlightAt(START).enter({ tenant: 'gone', jobId: 'a' }, 10, LIMITS);
    expect((await recordOf('gone')).expiresAt).toBe(START / 1000 + LIMITS.leaseSeconds);
  });
});
