import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createPostgresHistoryStore } from '../../lambdas/adapters/postgres/history-store.ts';
import type { Job, JobRef } from '../../lambdas/contracts/job.ts';
import { METRICS } from '../../lambdas/contracts/metric-names.ts';
import { announcedUploadKey, documentKey, historyKey } from '../../lambdas/contracts/object-keys.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { formatDay } from '../../lambdas/domain/observation/day.ts';
import { exportHistory } from '../../lambdas/pipeline/export-history.ts';
import { historySource, type NewJob, newJob } from '../../lambdas/pipeline/new-job.ts';
import { redriveJob } from '../../lambdas/pipeline/redrive.ts';
import type { PipelineSettings } from '../../lambdas/pipeline/settings.ts';
import { addToHistory, storeResults } from '../../lambdas/pipeline/store-results.ts';
import { engineReports } from '../journey/exports.ts';
import { Bench } from '../pipeline/run-pipeline.ts';
import { startPostgres } from './postgres.ts';
import { migrateServer, openStore } from './results.ts';

const cluster = await startPostgres();
afterAll(() => cluster.stop());
await migrateServer(cluster.primary);
const { results, database } = openStore(cluster.primary);
const history = createPostgresHistoryStore(database);

const ITEMS = ['Alpha', 'Beta, "quoted"', 'Gamma\r\nin two; lines', 'Überlang 🎈'];
const FIRST_DAY = 20_200;
const FILE = 'export.csv';

/** Figures of every creative on every day: of no spend where the file has no such column. */
interface Upload {
  readonly from: number;
  readonly days: number;
  readonly items: readonly number[];
  readonly seed: number;
  /** Whether the figures of a day stand in two rows. */
  readonly halved?: boolean;
}

interface Row {
  readonly item: number;
  readonly day: number;
  readonly impressions: number;
  readonly clicks: number;
  readonly spendMicros: number;
}

function rowsOf({ from, days, items, seed }: Upload): Row[] {
  return items.flatMap((item) =>
    Array.from({ length: days }, (_, i) => {
      const day = from + i;
      const impressions = 9000 + ((item * 131 + day * 37 + seed * 53) % 400);
      const clicks = Math.round(impressions * (item % 2 === 0 && day > 25 ? 0.011 : 0.031));
      return {
        item,
        day,
        impressions,
        clicks,
        spendMicros: 80_000_001 + ((day * 7 + item + seed) % 13) * 250_000,
      };
    }),
  );
}

function csv(rows: readonly Row[], currency: string | null = 'eur'): Buffer {
  const lines = rows.map(({ item, day, impressions, clicks, spendMicros }) => {
    const name = `"${ITEMS[item]!.replaceAll('"', '""')}"`;
    const spend = currency === null ? '' : `,${(spendMicros / 1e6).toFixed(6)}`;
    return `${name},${formatDay(FIRST_DAY + day)},${impressions},${clicks}${spend}\n`;
  });
  const header = `ad_name,day,impressions,link_clicks${currency === null ? '' : `,amount_spent_${currency}`}\n`;
  return Buffer.from(header + lines.join(''));
}

/** The same figures in twice the rows. */
function halves(rows: readonly Row[]): Row[] {
  return rows.flatMap((row) => [
    { ...row, impressions: 1000, clicks: 7, spendMicros: 1 },
    { ...row, impressions: row.impressions - 1000, clicks: row.clicks - 7, spendMicros: row.spendMicros - 1 },
  ]);
}

/** The rows of each day in the last upload that has it at all. */
function merged(uploads: readonly Upload[]): Row[] {
  const last = new Map<number, number>();
  uploads.forEach((upload, place) => {
    for (const { day } of rowsOf(upload)) last.set(day, place);
  });
  return uploads.flatMap((upload, place) => rowsOf(upload).filter(({ day }) => last.get(day) === place));
}

/** A pipeline whose results go to the database, and whose histories come from there. */
class Uploads extends Bench {
  readonly tenant: string;
  #made = 0;

  constructor(tenant: string, settings: Partial<PipelineSettings> = {}) {
    super(settings);
    this.tenant = tenant;
    const stores = { ...this.context, results, history };
    Object.assign(this.context, {
      results: {
        load: (run) => storeResults(stores, run).then(() => undefined),
        join: (run) => addToHistory(stores, run).then(() => undefined),
      },
      histories: { export: (run) => exportHistory(stores, run) },
    } satisfies Partial<Bench['context']>);
  }

  async make(given: Pick<NewJob, 'hints'> & Partial<NewJob>): Promise<Job> {
    const place = this.#made++;
    const id = jobIdOf(this.now + place, `${this.tenant} ${place}`);
    const { tenant } = this;
    const run = { tenant, jobId: id, run: 1 };
    const key = announcedUploadKey({ tenant, dataset: 'ds_1', jobId: id, fileName: FILE });
    const source =
      given.history === 'covers' ? historySource(run) : { key, versionId: null, etag: null, bytes: null };
    const { job, event } = newJob(
      {
        id,
        tenant,
        origin: 'upload',
        dataset: { id: 'ds_1', name: 'Spring' },
        source,
        parameters: {},
        ...given,
      },
      this.now,
    );
    await this.context.jobs.create(job, [event]);
    return job;
  }

  /** Announces an upload, whose place in the order of uploads is thereby settled. */
  announceUpload = () => this.make({ history: 'adds', hints: {} });

  async send({ source: { key } }: Job, file: Uint8Array): Promise<void> {
    this.upload(key, file);
    await this.drain();
  }

  /** @param earlier an analysis over the history whose results may be used again */
  async overHistory(earlier?: JobRef): Promise<JobRef> {
    const shards = earlier && this.job(earlier).plan?.shards;
    const reuses = earlier && shards && { jobId: earlier.jobId, run: 1, shards };
    const { id: jobId, tenant } = await this.make({
      history: 'covers',
      hints: { delimiter: ',' },
      ...(reuses && { reuses }),
    });
    this.enqueue({ type: 'plan', tenant, jobId, run: 1 });
    await this.drain();
    return { tenant, jobId };
  }

  document(ref: JobRef, run = 1): string | undefined {
    return this.store.text(documentKey({ ...ref, run })) ?? undefined;
  }
}

let tenants = 0;
const nextTenant = () => `tenant-${++tenants}`;

describe('a job over the history of a dataset', () => {
  const upload = fc.record({
    from: fc.integer({ min: 0, max: 40 }),
    days: fc.integer({ min: 1, max: 40 }),
    items: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
    seed: fc.integer({ min: 0, max: 9 }),
    halved: fc.boolean(),
  });
  const sequences = fc.record({
    uploads: fc.array(upload, { minLength: 1, maxLength: 4 }),
    order: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
    again: fc.nat(),
    cut: fc.boolean(),
  });

  it('writes what the engine writes of the merged rows, however uploads overlap, come late or are repeated', async () => {
    await fc.assert(
      fc.asyncProperty(sequences, async ({ uploads, order, again, cut }) => {
        const bench = new Uploads(
          nextTenant(),
          cut ? { chunkBytes: 3000, shardBytes: 4000, maxShards: 3 } : {},
        );
        const jobs: Job[] = [];
        for (const _ of uploads) jobs.push(await bench.announceUpload());
        const places = [...uploads.keys()].sort((a, b) => order[a]! - order[b]!);
        let earlier: JobRef | undefined;
        for (const place of places) {
          // The analysis in between finds what the last one may use again, and what it may not.
          if (place === places.at(-1) && places.length > 1) earlier = await bench.overHistory();
          const rows = rowsOf(uploads[place]!);
          await bench.send(jobs[place]!, csv(uploads[place]!.halved ? halves(rows) : rows));
        }
        // The results of an older upload are stored once more, and it is analysed again by a job of its own.
        const repeated = jobs[again % jobs.length]!;
        const old = { tenant: bench.tenant, jobId: repeated.id, run: 1 };
        await bench.context.results.load(old);
        await bench.context.results.join(old);
        const source = bench.job({ tenant: bench.tenant, jobId: repeated.id }).source;
        const reanalysis = await bench.make({ source, hints: {} });
        bench.enqueue({ type: 'plan', tenant: bench.tenant, jobId: reanalysis.id, run: 1 });
        const ref = await bench.overHistory(earlier);
        expect(bench.job({ ...ref, jobId: reanalysis.id }).state).toBe('SUCCEEDED');
        expect(bench.job(ref)).toMatchObject({ state: 'SUCCEEDED', error: null });
        expect(bench.document(ref)).toBe((await engineReports(csv(merged(uploads)))).json);
        // What it found joins no history: the next such job finds the same.
        expect(bench.document(await bench.overHistory(ref))).toBe(bench.document(ref));
        expect(bench.store.violations).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  const WEEK: Upload = { from: 0, days: 30, items: [0, 1], seed: 1 };
  const NEXT: Upload = { from: 20, days: 30, items: [0, 2], seed: 2 };

  async function uploadAll(bench: Uploads, ...files: readonly Uint8Array[]): Promise<void> {
    for (const file of files) await bench.send(await bench.announceUpload(), file);
  }

  it.each([
    { way: 'in one go', settings: {} },
    { way: 'in shards', settings: { chunkBytes: 3000, shardBytes: 3000, maxShards: 3 } },
  ])('computes $way only what changed since an earlier one', async ({ settings }) => {
    const bench = new Uploads(nextTenant(), settings);
    const counts = () =>
      [METRICS.itemsAnalysed, METRICS.itemsReused].map((name) => bench.store.counts.get(name) ?? 0);
    const all: Upload = { from: 0, days: 60, items: [0, 1, 2, 3], seed: 1 };
    await uploadAll(bench, csv(rowsOf(all)));
    const first = await bench.overHistory();
    const before = counts();
    // Others figures of one item alone: the upload has those of the others as they were.
    const changed = rowsOf(all).map((row) => (row.item === 2 ? { ...row, clicks: row.clicks + 1 } : row));
    await uploadAll(bench, csv(changed));
    const uploaded = counts();
    const second = await bench.overHistory(first);
    expect(uploaded[0]! - before[0]!).toBe(4);
    expect([counts()[0]! - uploaded[0]!, counts()[1]]).toEqual([1, 3]);
    expect(bench.document(second)).toBe((await engineReports(csv(changed))).json);
    // Results that another engine made, or that are gone, are no help.
    for (const [key, versions] of bench.store.objects) {
      if (!key.includes(second.jobId) || !key.includes('/shard-')) continue;
      const older = versions.map(({ info, bytes }) => {
        const text = Buffer.from(bytes).toString().replaceAll('{"engine":"', '{"engine":"0');
        return { info: { ...info, bytes: text.length }, bytes: Buffer.from(text) };
      });
      bench.store.objects.set(key, older);
    }
    await bench.overHistory(second);
    expect(counts()[1]).toBe(3);
  });

  it('knows spend only if all of its days have it', async () => {
    const bench = new Uploads(nextTenant());
    await uploadAll(bench, csv(rowsOf(WEEK)), csv(rowsOf(NEXT), null));
    const ref = await bench.overHistory();
    expect(bench.document(ref)).toBe((await engineReports(csv(merged([WEEK, NEXT]), null))).json);
  });

  it('is refused while spend is in several currencies, and starts over with what there is then', async () => {
    const bench = new Uploads(nextTenant());
    await uploadAll(bench, csv(rowsOf(WEEK), 'usd'), csv(rowsOf(NEXT)));
    const ref = await bench.overHistory();
    expect(bench.job(ref)).toMatchObject({
      state: 'FAILED',
      error: { code: 'invalid_request', resumable: false },
    });
    await uploadAll(bench, csv(rowsOf(WEEK)));
    await redriveJob(bench.context, ref);
    await bench.drain();
    expect(bench.job(ref)).toMatchObject({ state: 'SUCCEEDED', run: 2 });
    expect(bench.document(ref, 2)).toBe((await engineReports(csv(merged([NEXT, WEEK])))).json);
  });

  it('is refused where there is no history', async () => {
    const bench = new Uploads(nextTenant());
    const error = { code: 'invalid_request', message: expect.stringMatching(/no history/) };
    expect(bench.job(await bench.overHistory())).toMatchObject({ state: 'FAILED', error });
  });

  it('waits for its turn by the bytes of the history', async () => {
    const bench = new Uploads(nextTenant(), { heavyBytes: 2000, heavyPerMinute: 1 });
    await uploadAll(bench, csv(rowsOf({ ...WEEK, items: [0] })), csv(rowsOf({ ...NEXT, items: [1] })));
    const delayed = () => bench.store.counts.get(METRICS.jobsDelayed) ?? 0;
    const first = await bench.overHistory();
    expect([delayed(), bench.job(first).source.bytes]).toEqual([
      0,
      expect.toSatisfy((bytes) => bytes > 2000),
    ]);
    const second = await bench.overHistory();
    expect([delayed(), bench.job(second).state]).toEqual([1, 'SUCCEEDED']);
  });

  it('is about the history as it was when it was first written', async () => {
    const bench = new Uploads(nextTenant());
    await uploadAll(bench, csv(rowsOf(WEEK)));
    const { id: jobId, tenant } = await bench.make({ history: 'covers', hints: {} });
    const run = { tenant, jobId, run: 1 };
    expect(await bench.context.histories.export(run)).toBe('exported');
    const written = bench.store.text(historyKey(run));
    expect(written?.split('\n')).toHaveLength(rowsOf(WEEK).length + 2);
    await uploadAll(bench, csv(rowsOf(NEXT)));
    expect(await bench.context.histories.export(run)).toBe('exported');
    expect(bench.store.text(historyKey(run))).toBe(written);
  });

  it('gets no history for a job that is none, in another run, or deleted', async () => {
    const bench = new Uploads(nextTenant());
    await uploadAll(bench, csv(rowsOf(WEEK)));
    const { id: jobId, tenant } = await bench.make({ history: 'covers', hints: {} });
    const { id: upload } = await bench.announceUpload();
    const outcomes = [
      { tenant, jobId: upload, run: 1 },
      { tenant, jobId, run: 2 },
      { tenant: 'other', jobId, run: 1 },
    ].map((run) => bench.context.histories.export(run));
    expect(await Promise.all(outcomes)).toEqual(['stale', 'stale', 'stale']);
    const job = bench.job({ tenant, jobId });
    const deletedAt = job.createdAt;
    await bench.context.jobs.replace({ ...job, revision: job.revision + 1, deletedAt }, []);
    expect(await bench.context.histories.export({ tenant, jobId, run: 1 })).toBe('stale');
    expect([...bench.store.objects.keys()].filter((key) => key.startsWith('payloads/'))).toEqual([]);
  });
});
