import { afterAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../../lambdas/adapters/postgres/database.ts';
import { createPostgresHistoryStore } from '../../lambdas/adapters/postgres/history-store.ts';
import { createPostgresResultStore } from '../../lambdas/adapters/postgres/result-store.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { formatDay } from '../../lambdas/domain/observation/day.ts';
import type { ItemSeries } from '../../lambdas/domain/totals/item-series.ts';
import { interleaved, type Outcome } from './interleaving.ts';
import { startPostgres } from './postgres.ts';
import { migrateServer, resultOf, settingsFor, store, streamed, TIME } from './results.ts';

const cluster = await startPostgres();
await migrateServer(cluster.primary);
const owner = await cluster.primary.connect();
const databases = ['first', 'second'].map((name) => createDatabase(settingsFor(cluster.primary), name));
afterAll(async () => {
  await Promise.all(databases.map((database) => database.end()));
  await owner.end();
  await cluster.stop();
});
const histories = databases.map(createPostgresHistoryStore);
const stores = databases.map(createPostgresResultStore);

const DEADLOCK = '40P01';

type Act = (tenant: string, who: 0 | 1) => Promise<unknown>;

const HISTORY_TABLES = ['histories', 'history_days', 'history_items'];
const OF_RUNS = ['items', 'item_blocks', 'change_points'];

/** Every row of a tenant, in an order of its own, and how many rows belong to no run. */
async function rowsOf(tenant: string): Promise<string[]> {
  const selects = [
    ...['stored_runs', 'job_results', ...HISTORY_TABLES].map(
      (table) =>
        `SELECT '${table}' || (to_jsonb(t) - 'tenant' - 'result_id')::text FROM ${table} t WHERE tenant = $1`,
    ),
    ...OF_RUNS.map(
      (table) => `SELECT '${table}' || s.run || (to_jsonb(t) - 'result_id')::text
        FROM ${table} t JOIN stored_runs s USING (result_id) WHERE s.tenant = $1`,
    ),
    ...OF_RUNS.map(
      (table) => `SELECT 'lost in ${table}' FROM ${table} t
        WHERE NOT EXISTS (SELECT FROM stored_runs s WHERE s.result_id = t.result_id)`,
    ),
  ];
  const { rows } = await owner.query<{ row: string }>(
    `SELECT * FROM (${selects.join(' UNION ALL ')}) AS rows (row) ORDER BY row`,
    [tenant],
  );
  return rows.map(({ row }) => row);
}

let tenants = 0;

interface Race {
  /** What is there before. */
  readonly before?: Act;
  readonly acts: readonly [Act, Act];
}

async function race({ before, acts }: Race, schedule: readonly [number, number]) {
  const tenant = `tenant-${++tenants}`;
  await before?.(tenant, 0);
  const outcome = await interleaved(
    owner,
    [
      { name: 'first', work: () => acts[0](tenant, 0) },
      { name: 'second', work: () => acts[1](tenant, 1) },
    ],
    schedule,
  );
  return { outcome, rows: await rowsOf(tenant) };
}

/**
 * Runs two acts with their statements in every order that changes three times from one to the other, and holds what they
 * leave to what they leave one after the other.
 */
async function everyOrder(one: Race, check: (outcome: Outcome) => void): Promise<number> {
  const inOrder = await race(one, [Number.POSITIVE_INFINITY, 0]);
  const reversed = await race(one, [0, Number.POSITIVE_INFINITY]);
  const [most] = inOrder.outcome.turns;
  let orders = 0;
  for (let ofFirst = 0; ofFirst < most; ofFirst++) {
    for (let ofSecond = 1; ; ofSecond++) {
      const { outcome, rows } = await race(one, [ofFirst, ofSecond]);
      // It had to wait, or had no more to do: the order would be the same from here on.
      if (outcome.turns[1] < ofSecond) break;
      expect([inOrder.rows, reversed.rows], `${ofFirst} statements, then ${ofSecond}`).toContainEqual(rows);
      check(outcome);
      orders++;
    }
  }
  return orders;
}

const haveSucceeded = ({ results, errors }: Outcome) => {
  expect(errors).toEqual([]);
  for (const { status } of results) expect(status).toBe('fulfilled');
};

const jobIdAt = (place: number) => jobIdOf(TIME + place, `upload ${place}`);

type Upload = Readonly<Record<string, Readonly<Record<number, number>>>>;

const adding = (place: number, upload: Upload) => addingTo('spring', place, upload);

/** An upload of figures by item, then day. */
function addingTo(datasetId: string, place: number, upload: Upload): Act {
  const series: ItemSeries[] = Object.entries(upload).map(([id, figures]) => {
    const values = Object.values(figures);
    const days = Object.keys(figures).map((day) => formatDay(20_000 + Number(day)));
    return { id, days, impressions: values, clicks: values, spendMicros: values };
  });
  return (tenant, who) => {
    const currency = place % 2 === 0 ? 'GBP' : 'EUR';
    const upload = { tenant, datasetId, jobId: jobIdAt(place), currency };
    return histories[who]!.add(upload, () => streamed(series));
  };
}

const BEFORE = adding(0, { A: { 0: 7, 1: 7, 2: 7, 3: 7 }, D: { 1: 7, 4: 7 } });
const EARLIER = adding(1, { A: { 1: 1, 2: 2 }, B: { 1: 3 }, C: { 2: 9 } });
const LATER = adding(2, { A: { 2: 4, 3: 5 }, D: { 3: 6 } });
const deletingAll: Act = (tenant, who) =>
  histories[who]!.deleteUploads({ tenant, datasetId: 'spring' }, { before: 'job_~', except: [] });

const deletingSome: Act = (tenant, who) =>
  histories[who]!.deleteUploads({ tenant, datasetId: 'spring' }, { before: jobIdAt(1), except: [] });
const deletingTenant: Act = (tenant, who) => histories[who]!.deleteTenant(tenant);

describe('a history, whatever the order of statements', () => {
  it.each([
    { name: 'two uploads to a new one', race: { acts: [EARLIER, LATER] } },
    { name: 'two uploads to one that is there', race: { before: BEFORE, acts: [LATER, EARLIER] } },
    { name: 'an upload twice at once', race: { before: BEFORE, acts: [EARLIER, EARLIER] } },
    { name: 'an upload while all are deleted', race: { before: BEFORE, acts: [LATER, deletingAll] } },
    { name: 'an upload while some are deleted', race: { before: BEFORE, acts: [LATER, deletingSome] } },
    { name: 'an upload while its tenant goes', race: { before: BEFORE, acts: [LATER, deletingTenant] } },
  ] satisfies { name: string; race: Race }[])('is as after one and then the other: $name', async (one) => {
    expect(await everyOrder(one.race, haveSucceeded)).toBeGreaterThan(10);
  });

  it('keeps neither another history waiting nor who reads it, which see nothing of it', async () => {
    const autumn: Act = addingTo('autumn', 1, { A: { 1: 1 } });
    const reading: Act = async (tenant, who) => {
      const ids: string[] = [];
      for await (const { series } of histories[who]!.items({ tenant, datasetId: 'spring' }, 0))
        ids.push(`${series.id} ${series.days.length}`);
      return ids.toSorted();
    };
    for (const other of [autumn, reading]) {
      const one = { before: BEFORE, acts: [LATER, other] } satisfies Race;
      const alone = await race(one, [0, Number.POSITIVE_INFINITY]);
      const { outcome: whole } = await race(one, [Number.POSITIVE_INFINITY, 0]);
      // The last one commits.
      for (let ofFirst = 1; ofFirst < whole.turns[0]; ofFirst++) {
        const { outcome } = await race(one, [ofFirst, Number.POSITIVE_INFINITY]);
        haveSucceeded(outcome);
        expect(outcome.turns).toEqual([ofFirst, alone.outcome.turns[1]]);
        expect(outcome.results[1]).toEqual(alone.outcome.results[1]);
      }
    }
  });
});

const JOB = resultOf({ seed: 1, items: 25 });
const NEWER = resultOf({ seed: 2, items: 30, run: 2, jobId: JOB.head.jobId });

function storing({ head, items }: typeof JOB): Act {
  return (tenant, who) => store(stores[who]!, { head: { ...head, tenant }, items });
}
const deletingJob: Act = (tenant, who) => stores[who]!.deleteJob({ ...JOB.head, tenant });

describe('a result, whatever the order of statements', () => {
  it('is that of the newest run, wherever the runs overtake one another', async () => {
    const orders = await everyOrder({ acts: [storing(JOB), storing(NEWER)] }, (outcome) => {
      haveSucceeded(outcome);
      expect(outcome.results[1]).toMatchObject({ value: 'stored' });
    });
    expect(orders).toBeGreaterThan(20);
  });

  it('is there once when its run is stored twice at once', async () => {
    await everyOrder({ acts: [storing(JOB), storing(JOB)] }, (outcome) => {
      haveSucceeded(outcome);
      for (const result of outcome.results) expect(result).toMatchObject({ value: 'stored' });
    });
  });

  it('is whole or gone when its job is deleted meanwhile', async () => {
    await everyOrder({ acts: [storing(JOB), deletingJob] }, ({ results, errors }) => {
      expect(results[1]).toMatchObject({ status: 'fulfilled' });
      expect(errors).not.toContain(DEADLOCK);
    });
  });
});
