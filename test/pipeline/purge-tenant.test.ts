import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDatasetStore } from '../../lambdas/adapters/dynamodb-dataset-store.ts';
import { createDynamoDeletions } from '../../lambdas/adapters/dynamodb-deletions.ts';
import { createDynamoJobStore } from '../../lambdas/adapters/dynamodb-job-store.ts';
import { createDynamoTenantRecords } from '../../lambdas/adapters/dynamodb-tenant-records.ts';
import { createDynamoTimelineRemover } from '../../lambdas/adapters/dynamodb-timeline-remover.ts';
import type { DeletionLook } from '../../lambdas/contracts/deletion.ts';
import { timeOf } from '../../lambdas/pipeline/job-record.ts';
import { type PurgeContext, purgeDue } from '../../lambdas/pipeline/purge.ts';
import { purgeTenant } from '../../lambdas/pipeline/purge-tenant.ts';
import { startTenantTables } from '../adapters/tenant-tables.ts';

const MINUTE = 60_000;
/** As long as one run takes up further steps. */
const RUN = 10 * MINUTE;
const NEIGHBOURS = ['acm', 'acme-2'];
const OTHER = () => Promise.reject(new Error('This is no dataset.'));

let now = Date.parse('2026-03-01T10:00:00.000Z');
const clock = { now: () => now };
const { all, fill, writers, ...tables } = await startTenantTables(clock);
const { client, jobs: name } = tables;
const records = createDynamoTenantRecords(tables);
for (const neighbour of NEIGHBOURS) await fill(neighbour, 1);
const before = await all();

/** Objects and rows of tenants: so many on the shelf of each folder and database table. */
let shelves = new Map<string, number>();
const SHELVES = ['uploads', 'payloads', 'partials', 'results', 'reports', 'rows', 'history'];
let seed = 1;
let steps = 0;
let stepTakes = 0;

function shelve(shelf: string, tenant: string): void {
  shelves.set(`${shelf}/${tenant}/`, (shelves.get(`${shelf}/${tenant}/`) ?? 0) + 3);
}

/** What lies on shelves, of whomever. */
function shelved(): string[] {
  return [...shelves].filter(([, count]) => count > 0).map(([shelf]) => shelf);
}

async function step<T>(work: () => Promise<T>): Promise<T> {
  steps++;
  now += stepTakes;
  return work();
}

/** Takes two at most. */
function take(shelf: string): Promise<number> {
  return step(async () => {
    const count = shelves.get(shelf) ?? 0;
    const taken = Math.min(2, count);
    shelves.set(shelf, count - taken);
    return taken;
  });
}

const context: PurgeContext = {
  clock,
  deletions: createDynamoDeletions({ client, name }),
  records: {
    removeNamed: (tenant) => step(() => records.removeNamed(tenant)),
    removeScattered: (tenant, position) => step(() => records.removeScattered(tenant, position)),
  },
  objects: { removeSome: take, remove: OTHER },
  results: { deleteTenant: (tenant) => take(`rows/${tenant}/`), deleteJob: OTHER },
  history: { deleteTenant: (tenant) => take(`history/${tenant}/`), deleteUploads: OTHER },
  jobs: createDynamoJobStore({ client, name, clock, keepSeconds: 3600 }),
  datasets: createDynamoDatasetStore(client, name),
  timelines: createDynamoTimelineRemover(client, name),
};

beforeEach(async () => {
  shelves = new Map();
  [steps, stepTakes] = [0, 0];
  await fill('acme', ++seed);
  for (const shelf of SHELVES) shelve(shelf, 'acme');
});

describe('the purge of a tenant', () => {
  it('stops between any two steps, and goes on to the same end', async () => {
    const others = NEIGHBOURS.flatMap((tenant) => SHELVES.map((shelf) => `${shelf}/${tenant}/`));
    for (const tenant of NEIGHBOURS) for (const shelf of SHELVES) shelve(shelf, tenant);
    const own = (await all()).length - before.length;
    let look: DeletionLook = { beganAt: timeOf(now), position: null, found: 0 };
    let [isOver, runs] = [false, 0];
    for (; !isOver; runs++) {
      const most = steps + 9;
      ({ look, isOver } = await purgeTenant(context, 'acme', look, () => steps < most));
    }
    expect(runs).toBeGreaterThan(2);
    expect(await all()).toEqual(before);
    expect(shelved()).toEqual(others);
    expect(look.found).toBe(own + 3 * SHELVES.length);
  });

  it('takes nothing up that it has no time for', async () => {
    const look = { beganAt: timeOf(now), position: 'there', found: 4 };
    expect(await purgeTenant(context, 'acme', look, () => false)).toEqual({ look, isOver: false });
    expect(steps).toBe(0);
  });

  it('leaves nothing, whatever is still written by whoever was at it', async () => {
    const late = fc.record({
      minute: fc.integer({ min: 0, max: 75 }),
      kind: fc.constantFrom(...Object.keys(writers), ...SHELVES),
    });
    const property = fc.asyncProperty(
      fc.array(late, { maxLength: 12 }),
      fc.integer({ min: 14, max: 60 }),
      async (writes, stepsARun) => {
        stepTakes = RUN / stepsARun;
        const [asked, askedAt] = [now, timeOf(now)];
        await fill('acme', ++seed);
        for (const shelf of SHELVES) shelve(shelf, 'acme');
        await context.deletions.put({ tenant: 'acme', datasetId: null, askedAt, dueAt: askedAt });
        const rest = writes.toSorted((a, b) => a.minute - b.minute);
        for (let runs = 0; (await context.deletions.listDue('2999', 1)).length > 0; runs++) {
          if (runs > 1000) throw new Error('It does not come to an end.');
          while (rest[0] !== undefined && asked + rest[0].minute * MINUTE <= now) {
            const { kind } = rest.shift()!;
            if (SHELVES.includes(kind)) shelve(kind, 'acme');
            else await writers[kind]?.('acme', ++seed);
          }
          const outcomes = await purgeDue(context, 1);
          expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
          now += MINUTE;
        }
        expect(rest).toEqual([]);
        expect(await all()).toEqual(before);
        expect(shelved()).toEqual([]);
      },
    );
    await fc.assert(property, { numRuns: 6 });
  });
});
