import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDatasetStore } from '../../lambdas/adapters/dynamodb-dataset-store.ts';
import { createDynamoDeletions } from '../../lambdas/adapters/dynamodb-deletions.ts';
import { createDynamoJobStore } from '../../lambdas/adapters/dynamodb-job-store.ts';
import { createDynamoPortfolios } from '../../lambdas/adapters/dynamodb-portfolios.ts';
import { createDynamoTenantRecords } from '../../lambdas/adapters/dynamodb-tenant-records.ts';
import { createDynamoTimelineRemover } from '../../lambdas/adapters/dynamodb-timeline-remover.ts';
import { createPostgresHistoryStore } from '../../lambdas/adapters/postgres/history-store.ts';
import { createS3ObjectRemover } from '../../lambdas/adapters/s3-object-remover.ts';
import type { Job } from '../../lambdas/contracts/job.ts';
import { idOf, jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { formatDay } from '../../lambdas/domain/observation/day.ts';
import type { ItemSeries } from '../../lambdas/domain/totals/item-series.ts';
import { timeOf } from '../../lambdas/pipeline/job-record.ts';
import { type PurgeContext, purge, purgeDue } from '../../lambdas/pipeline/purge.ts';
import { startDataBucket } from '../adapters/data-bucket.ts';
import { buildJob } from '../adapters/jobs.ts';
import { startJobsTable } from '../adapters/jobs-table.ts';
import { startPostgres } from '../database/postgres.ts';
import { migrateServer, openStore, resultOf, store, streamed } from '../database/results.ts';

const MINUTE = 60_000;
const LATER = '2100-01-01T00:00:00.000Z';
const SPRING = idOf('ds', 0, 'spring');
const AUTUMN = idOf('ds', 0, 'autumn');

const cluster = await startPostgres();
await migrateServer(cluster.primary);
afterAll(() => cluster.stop());
const { results, database } = openStore(cluster.primary);
const history = createPostgresHistoryStore(database);
const table = await startJobsTable();
const bucket = await startDataBucket();

// The bucket goes by the time there is, so everything here does, or by times around it.
let now = Date.now();
const clock = { now: () => now };
const jobs = createDynamoJobStore({ ...table, clock, keepSeconds: 24 * 3600 });
const datasets = createDynamoDatasetStore(table.client, table.name);
const context: PurgeContext = {
  ...{ jobs, results, history, clock, datasets },
  deletions: createDynamoDeletions(table),
  timelines: createDynamoTimelineRemover(table.client, table.name),
  // Tokens stand in a table of their own, which is all the same here.
  records: createDynamoTenantRecords({ client: table.client, jobs: table.name, access: table.name }),
  objects: createS3ObjectRemover(bucket.client, bucket.name),
};

const put = (Key: string) =>
  bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key, Body: 'content' }));

async function keys(): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await bucket.client.send(
    new ListObjectVersionsCommand({ Bucket: bucket.name }),
  );
  return [...Versions, ...DeleteMarkers].map(({ Key }) => Key ?? '').toSorted();
}

interface Added {
  readonly tenant: string;
  readonly jobId: string;
  readonly keys: readonly string[];
  /** What the history of its dataset has of it. */
  readonly item: string;
}

let seed = 0;
/** What only the upload of this number has. */
function dayOf(number: number): ItemSeries {
  const days = [formatDay(20_000 + number)];
  return { id: `item ${number}`, days, impressions: [number], clicks: [1], spendMicros: null };
}

/** A job of a dataset as it is after `minutes`, with everything that it leaves. */
async function addJob(
  datasetId: string,
  minutes: number,
  { state = 'SUCCEEDED', tenant = 'acme' }: { state?: Job['state']; tenant?: string } = {},
): Promise<Added> {
  seed++;
  const jobId = jobIdOf(now + minutes * MINUTE, `${tenant} ${seed}`);
  const dataset = { id: datasetId, name: 'Spring UK' };
  const resultExpiresAt = state === 'SUCCEEDED' ? LATER : null;
  await jobs.create(buildJob({ id: jobId, tenant, state, dataset, resultExpiresAt }), []);
  const own = [
    `uploads/${tenant}/${datasetId}/${jobId}/spring.csv`,
    `payloads/${tenant}/${jobId}.json`,
    ...['payloads', 'partials', 'results', 'reports'].map((folder) => `${folder}/${tenant}/${jobId}/1/file`),
  ];
  for (const key of own) await put(key);
  if (state === 'SUCCEEDED') {
    await store(results, resultOf({ seed, items: 4, jobId, tenant, dataset }));
    await history.add({ tenant, datasetId, jobId, currency: null }, () => streamed([dayOf(seed)]));
  }
  return { tenant, jobId, keys: own.toSorted(), item: dayOf(seed).id };
}

async function addDataset(id: string, own: readonly Added[], tenant = 'acme') {
  const at = timeOf(now);
  const upload = { key: 'k', fileName: 'spring.csv', bytes: 7, createdAt: at, multipart: null };
  const versions = own.map(({ jobId }, index) => ({ version: index + 1, jobId, ...upload }));
  const names = { name: 'Spring UK', portfolioId: null };
  const dataset = { id, tenant, revision: 1, ...names, createdAt: at, updatedAt: at, versions };
  await datasets.create(dataset);
  return dataset;
}

async function askFor(datasetId: string | null, tenant = 'acme') {
  const askedAt = timeOf(now);
  await context.deletions.put({ tenant, datasetId, askedAt, dueAt: askedAt });
}

async function isStored({ tenant, jobId }: Added): Promise<boolean> {
  return (await results.result({ tenant, jobId, run: 1 })) !== null;
}

/** The items of a dataset's history, which tell of which uploads it is. */
async function inHistory(datasetId: string, tenant = 'acme'): Promise<string[]> {
  const ids: string[] = [];
  for await (const { series } of history.items({ tenant, datasetId }, 0)) ids.push(series.id);
  return ids.toSorted();
}

/** What stands under the name of a tenant. */
async function records(tenant: string): Promise<(string | undefined)[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `tenant#${tenant}` } },
    }),
  );
  return Items.map(({ sk }) => sk?.S);
}

const deletedAt = async ({ tenant, jobId }: Added) => (await jobs.get({ tenant, jobId }))?.deletedAt ?? null;

beforeEach(async () => {
  now = Date.now() + 2000;
  for (const deletion of await context.deletions.listDue('2999', 100))
    await context.deletions.settle(deletion, null);
  await context.objects.remove('', () => true);
});

describe('a dataset that is deleted', () => {
  it('goes with all versions, jobs and results, and nothing else goes', async () => {
    const beside = [await addJob(AUTUMN, -30), await addJob(SPRING, -30, { tenant: 'beta' })];
    await put(`uploads/acme/${SPRING}-2/file.csv`);
    const before = await keys();
    const own = [
      await addJob(SPRING, -30),
      await addJob(SPRING, -20),
      await addJob(SPRING, -10, { state: 'FAILED' }),
    ];
    await put(own[0]!.keys.find((key) => key.startsWith('uploads'))!);
    await put(`uploads/acme/${SPRING}/by-hand.csv`);
    await put('reports/acme/portfolios/digest/action-queue.csv');
    await askFor(SPRING);
    expect(await purgeDue(context, 10)).toMatchObject([{ deletion: {} }]);
    expect(await keys()).toEqual(before);
    for (const job of own) {
      expect(await isStored(job)).toBe(false);
      expect(await deletedAt(job)).toBe(timeOf(now));
    }
    for (const job of beside) expect([await isStored(job), await deletedAt(job)]).toEqual([true, null]);
    expect([await inHistory(SPRING), await inHistory(AUTUMN), await inHistory(SPRING, 'beta')]).toEqual([
      [],
      [beside[0]?.item],
      [beside[1]?.item],
    ]);
  });

  it('is looked at once more when nobody can be at it any more, and then forgotten', async () => {
    const job = await addJob(SPRING, -10);
    await askFor(SPRING);
    await purgeDue(context, 10);
    for (const key of job.keys) await put(key);
    now += 79 * MINUTE;
    expect([await purgeDue(context, 10), (await keys()).length]).toEqual([[], job.keys.length]);
    now += 1 * MINUTE;
    await purgeDue(context, 10);
    expect(await keys()).toEqual([]);
    expect(await context.deletions.listDue('2999', 10)).toEqual([]);
  });

  it('leaves alone what was made under its name since', async () => {
    await addJob(SPRING, -10);
    await askFor(SPRING);
    const since = await addJob(SPRING, 1);
    // Its clock was a little behind.
    const behind = await addJob(SPRING, -1);
    const dataset = await addDataset(SPRING, [behind]);
    await purgeDue(context, 10);
    now += 80 * MINUTE;
    expect(await purgeDue(context, 10)).toMatchObject([{ deletion: {} }]);
    expect(await keys()).toEqual([...since.keys, ...behind.keys].toSorted());
    expect(await inHistory(SPRING)).toEqual([since.item, behind.item].toSorted());
    expect([await isStored(since), await isStored(behind), await deletedAt(since)]).toEqual([
      true,
      true,
      null,
    ]);
    expect(await context.datasets.get({ tenant: 'acme', datasetId: SPRING })).toEqual(dataset);
    await datasets.remove(dataset);
  });

  it.each(['AWAITING_UPLOAD', 'PENDING', 'PROCESSING', 'REPORTING'] as const)(
    'stops its jobs, and is not done before they are (%s)',
    async (state) => {
      const job = await addJob(SPRING, -10, { state });
      await askFor(SPRING);
      await purgeDue(context, 10);
      const stopping = await jobs.get(job);
      expect([stopping?.state, await keys()]).toEqual(['CANCELLING', []]);
      now += MINUTE - 1;
      expect(await purgeDue(context, 10)).toEqual([]);
      now += 80 * MINUTE;
      await purgeDue(context, 10);
      expect(await context.deletions.listDue(timeOf(now + MINUTE), 10)).toHaveLength(1);
      const { revision } = (await jobs.get(job))!;
      await jobs.replace({ ...stopping!, revision: revision + 1, state: 'CANCELLED' }, []);
      now += MINUTE;
      await purgeDue(context, 10);
      expect(await context.deletions.listDue('2999', 10)).toEqual([]);
    },
  );

  it('is named by its jobs and their timelines until nobody works on them, and not any more after that', async () => {
    const secret = { name: 'Launch of the Cobra', header: 'cost of cobra', value: 'COBRA-7' };
    const job = await addJob(SPRING, -10, { state: 'FAILED' });
    const beside = await addJob(AUTUMN, -10);
    const stored = (await jobs.get(job))!;
    const event = {
      id: 'e',
      at: timeOf(now),
      kind: 'attempt_failed',
      state: 'FAILED',
      message: secret.value,
    } as const;
    await jobs.append(job, { ...event, task: null, attempt: 1 });
    await jobs.append(beside, { ...event, task: null, attempt: 1 });
    const error = {
      code: 'missing_columns',
      message: `"${secret.value}" is no number`,
      remedy: secret.header,
    } as const;
    const named: Job = {
      ...stored,
      revision: 2,
      dataset: { ...stored.dataset, name: secret.name },
      source: { ...stored.source, key: `uploads/acme/${SPRING}/${job.jobId}/cobra.csv` },
      hints: { mapping: { item: secret.header } },
      statuses: { terminal_decline: 1, fatigued: 2, early_fatigue: 3, healthy: 4, unknown: 5 },
      error: { ...error, resumable: true, announced: true },
    };
    await jobs.replace(named, []);
    await askFor(SPRING);
    await purgeDue(context, 10);
    expect((await jobs.get(job))?.dataset.name).toBe(secret.name);
    now += 80 * MINUTE;
    await purgeDue(context, 10);
    const { dataset, error: told, deletedAt: at, state, statuses } = (await jobs.get(job))!;
    expect({ dataset, told, state, statuses }).toEqual({
      dataset: { id: SPRING, name: '' },
      told: {
        code: 'missing_columns',
        message: 'Its dataset was deleted.',
        remedy: null,
        resumable: false,
        announced: true,
      },
      state: 'FAILED',
      statuses: undefined,
    });
    const events = await jobs.events(job, { after: null, order: 'oldest', limit: 10 });
    expect(events.map(({ at: time, message }) => [time, message])).toEqual([
      [at, 'Its dataset was deleted.'],
    ]);
    expect(JSON.stringify([await jobs.get(job), events])).not.toMatch(/cobra/i);
    expect(await jobs.events(beside, { after: null, order: 'oldest', limit: 10 })).toHaveLength(1);
  });

  it.each([
    ['goes with a file that was put elsewhere by hand', 2000, ['.gz']],
    ['leaves a file that came there since', -MINUTE, ['', '.gz', '.json']],
  ])('%s', async (_, ahead, left) => {
    now = Date.now() + ahead;
    const key = 'uploads/acme/inbox/by-hand.csv';
    for (const ending of ['', '.json', '.gz']) await put(`${key}${ending}`);
    seed++;
    const jobId = jobIdOf(now - MINUTE, `by hand ${seed}`);
    const source = { key, versionId: 'v1', etag: 'e', bytes: 7 };
    const dataset = { id: SPRING, name: 'by-hand.csv' };
    await jobs.create(buildJob({ id: jobId, state: 'FAILED', dataset, source }), []);
    await askFor(SPRING);
    await purgeDue(context, 10);
    expect(await keys()).toEqual(left.map((ending) => `${key}${ending}`));
  });

  it('goes on where it was interrupted, and only one is at it', async () => {
    const own = [await addJob(SPRING, -20), await addJob(SPRING, -10), await addJob(SPRING, -5)];
    await askFor(SPRING);
    const [deletion] = await context.deletions.listDue(timeOf(now), 1);
    // Time for nothing but the claim.
    await purge(context, deletion!, now);
    const [interrupted] = await context.deletions.listDue(timeOf(now), 1);
    expect(interrupted).toMatchObject({ look: { beganAt: timeOf(now), found: 0 } });
    expect((await keys()).length).toBe(3 * own[0]!.keys.length);
    // Whoever has the deletion as it was before is too late.
    await purge(context, deletion!);
    expect((await keys()).length).toBe(3 * own[0]!.keys.length);
    await purge(context, interrupted!);
    expect(await keys()).toEqual([]);
    expect(await context.deletions.listDue(timeOf(now + 80 * MINUTE), 1)).toEqual([
      { ...deletion, dueAt: timeOf(Date.parse(deletion!.askedAt) + 80 * MINUTE) },
    ]);
  });

  it('stays to be deleted while that fails, and does not keep others from it', async () => {
    const spring = await addJob(SPRING, -10);
    const autumn = await addJob(AUTUMN, -10);
    await askFor(SPRING);
    now += 1;
    await askFor(AUTUMN);
    const failing: PurgeContext = {
      ...context,
      results: {
        ...results,
        deleteJob: (job) =>
          job.jobId === spring.jobId ? Promise.reject(new Error('down')) : results.deleteJob(job),
      },
    };
    expect(await purgeDue(failing, 10)).toMatchObject([
      { deletion: { datasetId: SPRING }, error: { message: 'down' } },
      { deletion: { datasetId: AUTUMN } },
    ]);
    expect([await isStored(spring), await isStored(autumn)]).toEqual([true, false]);
    expect(await purgeDue(context, 10)).toMatchObject([{ deletion: {} }]);
    expect([await isStored(spring), await keys()]).toEqual([false, []]);
  });
});

describe('all of a tenant', () => {
  it('goes, and nothing of others', async () => {
    const other = await addJob(SPRING, -10, { tenant: 'gone-2' });
    const before = await keys();
    const tenant = 'gone';
    const own = [
      await addJob(SPRING, -10, { tenant }),
      await addJob('inbox', -5, { tenant, state: 'PENDING' }),
    ];
    await addDataset(SPRING, own, tenant);
    const portfolio = { id: idOf('pf', 0, 'x'), name: 'x', createdAt: timeOf(now), updatedAt: timeOf(now) };
    await createDynamoPortfolios(table.client, table.name).replace({
      tenant,
      revision: 1,
      portfolios: [portfolio],
    });
    await askFor(null, tenant);
    await purgeDue(context, 10);
    expect(await keys()).toEqual(before);
    for (const job of own) expect([await isStored(job), await jobs.get(job)]).toEqual([false, null]);
    expect(await records(tenant)).toEqual(['deletion#all']);
    expect([await isStored(other), await deletedAt(other)]).toEqual([true, null]);
    expect([await inHistory(SPRING, tenant), await inHistory(SPRING, 'gone-2')]).toEqual([[], [other.item]]);
  });

  it('goes again with what comes late, and is done when nothing came any more', async () => {
    const tenant = 'late';
    await addJob(SPRING, -10, { tenant });
    await askFor(null, tenant);
    await purgeDue(context, 10);
    expect(await records(tenant)).toEqual(['deletion#all']);
    const late = await addJob(SPRING, 1, { tenant });
    now += 80 * MINUTE;
    await purgeDue(context, 10);
    expect([await isStored(late), await keys(), await records(tenant)]).toEqual([
      false,
      [],
      ['deletion#all'],
    ]);
    // A signed address of the last minutes may still hold.
    await put(`uploads/${tenant}/spring/later.csv`);
    now += 79 * MINUTE;
    expect(await purgeDue(context, 10)).toEqual([]);
    now += MINUTE;
    await purgeDue(context, 10);
    expect([await keys(), await records(tenant)]).toEqual([[], ['deletion#all']]);
    now += 80 * MINUTE;
    await purgeDue(context, 10);
    expect(await records(tenant)).toEqual([]);
    expect(await context.deletions.listDue('2999', 10)).toEqual([]);
  });
});
