import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createPostgresHistoryStore } from '../../lambdas/adapters/postgres/history-store.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { formatDay } from '../../lambdas/domain/observation/day.ts';
import type { ItemSeries } from '../../lambdas/domain/totals/item-series.ts';
import type { HistoryItem } from '../../lambdas/ports/history-store.ts';
import { startPostgres } from './postgres.ts';
import { migrateServer, openStore, streamed, TIME } from './results.ts';

const cluster = await startPostgres();
await migrateServer(cluster.primary);
const owner = await cluster.primary.connect();
afterAll(async () => {
  await owner.end();
  await cluster.stop();
});
const history = createPostgresHistoryStore(openStore(cluster.primary).database);

/** What one upload says: figures by item, then day. */
type Upload = Readonly<Record<string, Readonly<Record<number, number>>>>;

const jobIdAt = (place: number) => jobIdOf(TIME + place, `upload ${place}`);

function seriesOf(upload: Upload, withSpend: boolean): ItemSeries[] {
  return Object.entries(upload).map(([id, figures]) => {
    const days = Object.keys(figures)
      .map(Number)
      .sort((a, b) => a - b);
    const values = days.map((day) => figures[day] ?? 0);
    return {
      id,
      days: days.map((day) => formatDay(20_000 + day)),
      impressions: values,
      clicks: values.map((value) => value * 2),
      spendMicros: withSpend ? values.map((value) => value * 2 ** 40 + 1) : null,
    };
  });
}

/** The history by definition: each day from the last upload that has it at all. */
function expected(uploads: readonly Upload[], spends: readonly boolean[]): Record<string, unknown> {
  const days = new Map<number, number>();
  uploads.forEach((upload, place) => {
    for (const figures of Object.values(upload))
      for (const day of Object.keys(figures)) days.set(Number(day), place);
  });
  const items = new Map<string, [number, number, number | null][]>();
  for (const [day, place] of [...days].sort(([a], [b]) => a - b)) {
    for (const [id, figures] of Object.entries(uploads[place] ?? {})) {
      const value = figures[day];
      if (value === undefined) continue;
      items.set(id, [...(items.get(id) ?? []), [day, value, spends[place] ? value * 2 ** 40 + 1 : null]]);
    }
  }
  return Object.fromEntries(
    Array.from(items, ([id, figures]) => [
      id,
      {
        id,
        days: figures.map(([day]) => formatDay(20_000 + day)),
        impressions: figures.map(([, value]) => value),
        clicks: figures.map(([, value]) => value * 2),
        spendMicros: figures.some(([, , spend]) => spend === null)
          ? null
          : figures.map(([, , spend]) => spend),
      },
    ]),
  );
}

async function read(tenant: string, changedAfter = 0): Promise<HistoryItem[]> {
  const items: HistoryItem[] = [];
  for await (const item of history.items({ tenant, datasetId: 'spring' }, changedAfter)) items.push(item);
  return items;
}

async function seriesById(tenant: string): Promise<Record<string, unknown>> {
  return Object.fromEntries((await read(tenant)).map(({ series }) => [series.id, series]));
}

const ALL_UPLOADS = { before: 'job_~', except: [] };

/** Rows of a tenant: of its histories, their days, their items. */
async function rowsLeft(tenant: string): Promise<number[]> {
  const counts: number[] = [];
  for (const table of ['histories', 'history_days', 'history_items']) {
    const found = await owner.query(`SELECT count(*) AS rows FROM ${table} WHERE tenant = $1`, [tenant]);
    counts.push(Number(found.rows[0].rows));
  }
  return counts;
}

let tenants = 0;
const nextTenant = () => `tenant-${++tenants}`;

function add(tenant: string, place: number, upload: Upload, withSpend = true) {
  const currency = withSpend ? 'GBP' : null;
  const ref = { tenant, datasetId: 'spring', jobId: jobIdAt(place), currency };
  return history.add(ref, () => streamed(seriesOf(upload, withSpend)));
}

describe('a history', () => {
  it('has each day as the last upload has it, in whatever order uploads are added, and however often', async () => {
    const figures = fc.dictionary(
      fc.integer({ min: 0, max: 6 }).map(String),
      fc.integer({ min: 0, max: 3 }),
      { minKeys: 1, maxKeys: 4 },
    );
    const upload = fc.dictionary(fc.constantFrom('A', 'B', 'C/ü%'), figures, { minKeys: 1, maxKeys: 3 });
    const uploads = fc.array(fc.record({ upload, withSpend: fc.boolean() }), { minLength: 1, maxLength: 4 });
    const orders = fc.array(fc.nat(), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(uploads, orders, async (all, order) => {
        const tenant = nextTenant();
        const places = [...order.map((place) => place % all.length), ...all.keys()].slice(-4 - all.length);
        for (const place of places) {
          const { upload: added, withSpend } = all[place]!;
          await add(tenant, place, added, withSpend);
        }
        const wanted = expected(
          all.map((one) => one.upload),
          all.map(({ withSpend }) => withSpend),
        );
        expect(await seriesById(tenant)).toEqual(wanted);
        for (const [place, { upload: added, withSpend }] of all.entries()) {
          expect((await add(tenant, place, added, withSpend)).changed).toBe(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('tells which items changed after a version', async () => {
    const tenant = nextTenant();
    expect(await add(tenant, 1, { A: { 1: 5, 2: 5 }, B: { 1: 7 }, C: { 2: 1 } })).toEqual({
      version: 1,
      changed: 3,
    });
    const before = await read(tenant);
    // B is as it was, A has another day, C lost its only one.
    expect(await add(tenant, 2, { A: { 2: 5, 3: 6 } })).toEqual({ version: 2, changed: 2 });
    const changed = await read(tenant, 1);
    expect(changed.map(({ series }) => series.id)).toEqual(['A']);
    const hashes = new Map(before.map(({ series, contentHash }) => [series.id, contentHash]));
    for (const { series, contentHash } of await read(tenant)) {
      expect(contentHash === hashes.get(series.id)).toBe(series.id !== 'A');
    }
    // An older upload that comes late changes a day that no other has, in a version of its own.
    expect(await add(tenant, 0, { B: { 0: 1, 1: 99 } })).toEqual({ version: 3, changed: 1 });
    expect((await read(tenant, 2)).map(({ series }) => series.id)).toEqual(['B']);
    expect(await read(tenant, 3)).toEqual([]);
  });

  it('takes uploads at the same time one after the other', async () => {
    const tenant = nextTenant();
    const uploads: Upload[] = Array.from({ length: 6 }, (_, place) => ({
      A: { [place]: place + 1, 9: place },
      [`B${place}`]: { 8: 1 },
    }));
    await Promise.all(uploads.map((upload, place) => add(tenant, place, upload)));
    expect(await seriesById(tenant)).toEqual(
      expected(
        uploads,
        uploads.map(() => true),
      ),
    );
  });

  it('holds more items than are written at a time, and goes with its dataset or its tenant', async () => {
    const [tenant, other] = [nextTenant(), nextTenant()];
    const many: Upload = Object.fromEntries(
      Array.from({ length: 1100 }, (_, index) => [`item ${index}`, { 1: index }]),
    );
    await add(tenant, 1, many);
    await add(other, 1, { A: { 1: 1 } });
    expect(await seriesById(tenant)).toEqual(expected([many], [true]));
    expect(await add(tenant, 2, { A: { 1: 1 } })).toMatchObject({ changed: 1101 });
    await history.deleteUploads({ tenant, datasetId: 'autumn' }, ALL_UPLOADS);
    expect(await read(tenant)).toHaveLength(1);
    await history.deleteUploads({ tenant, datasetId: 'spring' }, ALL_UPLOADS);
    expect(await read(tenant)).toEqual([]);
    expect(await rowsLeft(tenant)).toEqual([0, 0, 0]);
    expect(await read(other)).toHaveLength(1);
    await history.deleteTenant(other);
    expect(await rowsLeft(other)).toEqual([0, 0, 0]);
  });

  it('takes days from items that came before anything told that the upload has them', async () => {
    const tenant = nextTenant();
    const items = (figures: Upload[string]): Upload =>
      Object.fromEntries(Array.from({ length: 450 }, (_, index) => [`item ${index}`, figures]));
    await add(tenant, 1, items({ 1: 1, 2: 2, 3: 3 }));
    // Days 2 and 3 are first heard of in the last batches, and item 449 alone has them from now on.
    const late = { ...items({ 1: 9 }), 'item 250': { 2: 8 }, 'item 449': { 3: 7 } };
    expect(await add(tenant, 2, late)).toEqual({ version: 2, changed: 450 });
    expect(await seriesById(tenant)).toEqual(expected([items({ 1: 1, 2: 2, 3: 3 }), late], [true, true]));
  });

  it('keeps of uploads that are deleted nothing, and of others all that they have', async () => {
    const tenant = nextTenant();
    const uploads: Upload[] = [
      { A: { 1: 1, 2: 2 }, B: { 1: 3 } },
      { A: { 2: 4, 3: 5 }, C: { 3: 6 } },
      { A: { 4: 7 }, C: { 5: 8 } },
    ];
    for (const [place, upload] of uploads.entries()) await add(tenant, place, upload);
    const spring = { tenant, datasetId: 'spring' };
    await history.deleteUploads(spring, { before: jobIdAt(2), except: [jobIdAt(1)] });
    const left = uploads.map((upload, place) => (place === 0 ? {} : upload));
    expect(await seriesById(tenant)).toEqual(expected(left, [true, true, true]));
    // Not so much as the name of an item that only they had.
    expect(await rowsLeft(tenant)).toEqual([1, 4, 2]);
    await history.deleteUploads(spring, { before: jobIdAt(2), except: [jobIdAt(1)] });
    expect((await read(tenant, 4)).length).toBe(0);
    // A job with an older id that comes late gets the days that nobody has any more.
    expect(await add(tenant, 0, uploads[0]!)).toMatchObject({ changed: 2 });
    expect(await seriesById(tenant)).toEqual(expected(uploads, [true, true, true]));
  });

  it('is read as it was at one moment, whatever is added meanwhile', async () => {
    const tenant = nextTenant();
    const many: Upload = Object.fromEntries(
      Array.from({ length: 1100 }, (_, index) => [`item ${index}`, { 1: index }]),
    );
    await add(tenant, 1, many);
    const seen = await history.snapshot({ tenant, datasetId: 'spring' }, async (snapshot) => {
      const items: ItemSeries[] = [];
      for await (const item of snapshot.items) {
        if (items.length === 0) await add(tenant, 2, { 'item 0': { 1: 7, 2: 1 } }, false);
        items.push(item);
      }
      return { ...snapshot, items };
    });
    expect(seen).toMatchObject({ isEmpty: false, currencies: ['GBP'] });
    expect(Object.fromEntries(seen.items.map((item) => [item.id, item]))).toEqual(expected([many], [true]));
    const head = await history.snapshot({ tenant, datasetId: 'spring' }, async (snapshot) => snapshot);
    expect(head).toMatchObject({ isEmpty: false, currencies: null });
    const none = await history.snapshot({ tenant, datasetId: 'autumn' }, async (snapshot) => snapshot);
    expect(none).toMatchObject({ isEmpty: true });
  });
});
