import { afterAll } from 'vitest';
import { createDatabase, type Database } from '../../lambdas/adapters/postgres/database.ts';
import { migrate } from '../../lambdas/adapters/postgres/migrate.ts';
import { MIGRATIONS } from '../../lambdas/adapters/postgres/migrations/index.ts';
import { createPostgresResultStore } from '../../lambdas/adapters/postgres/result-store.ts';
import type { DatabaseSettings } from '../../lambdas/contracts/database-environment.ts';
import { DATABASE_USERS } from '../../lambdas/contracts/database-environment.ts';
import { analyzeItem } from '../../lambdas/domain/analysis.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { formatDay } from '../../lambdas/domain/observation/day.ts';
import { resolveParameters } from '../../lambdas/domain/parameters.ts';
import { buildDocument } from '../../lambdas/domain/report/build-document.ts';
import type { ItemDays } from '../../lambdas/domain/totals/item-days.ts';
import type { ItemSeries } from '../../lambdas/domain/totals/item-series.ts';
import type {
  ItemFilter,
  NewItem,
  ResultHead,
  ResultStore,
  StoredItem,
} from '../../lambdas/ports/result-store.ts';
import { Random } from '../simulation/random.ts';
import type { PostgresServer } from './postgres.ts';

const PARAMETERS = resolveParameters({});
const FIRST_DAY = 20_200;
/** Noon of 1 January 2026, UTC. */
export const TIME = 1_767_268_800_000;

export const NO_FILTER: ItemFilter = {
  statuses: [],
  replace: null,
  excluded: null,
  minSpend: null,
  minOverspend: null,
  changed: null,
  from: null,
  q: null,
};

/** A result as the pipeline hands it over. */
export interface TestResult {
  readonly head: ResultHead;
  readonly items: readonly StoredItem[];
}

export interface Wanted {
  readonly tenant?: string;
  readonly seed: number;
  readonly items: number;
  readonly run?: number;
  readonly jobId?: string;
  readonly dataset?: ResultHead['dataset'];
  readonly currency?: string;
  readonly expiresAt?: string;
}

const NAMES = ['UGC Testimonial, Été à Paris', 'Founder Story | Reel', '𝄞 Jingle 100%', 'ﬁnal_v2', 'ＡＢＣ'];

/** Creatives that are healthy, worn out, recovered, too short, or never clicked, with figures from a seed. */
export function resultOf({ seed, items, run = 1, tenant = 'acme', ...about }: Wanted): TestResult {
  const random = new Random(seed);
  const days = Array.from({ length: items }, (_, index) => itemDays(index, random));
  const analysed = days.map((item) => analyzeItem(item, PARAMETERS));
  const document = buildDocument({
    items: analysed,
    rows: { read: items, rejected: 0, reasons: {}, samples: [] },
    currency: about.currency ?? 'GBP',
    parameters: PARAMETERS,
  });
  return {
    head: {
      tenant,
      jobId: about.jobId ?? jobIdOf(TIME + seed, `${tenant} ${seed}`),
      run,
      dataset: about.dataset ?? { id: 'spring', name: 'Spring UK' },
      createdAt: new Date(TIME).toISOString(),
      expiresAt: about.expiresAt ?? '2100-01-01T00:00:00.000Z',
      document,
    },
    items: analysed.map(({ result }, index) => ({ item: result, series: seriesOf(days[index]!) })),
  };
}

function itemDays(index: number, random: Random): ItemDays {
  const length = random.chance(0.15) ? random.below(10) + 1 : 45;
  const turn = random.pick([0, 20, 30, 40]);
  const after = turn === 0 ? 1 : random.pick([0.4, 0.7, 1.6]);
  const rate = random.chance(0.1) ? 0 : 0.02;
  const steps = Array.from({ length }, (_, day) => day);
  // Some creatives are the same but for their names, so that items share sort values.
  const twin = random.chance(0.3);
  const impressions = steps.map((day) => 5000 + (twin ? day % 7 : random.below(500)));
  const clicks = impressions.map((shown, day) =>
    Math.round(shown * rate * (turn > 0 && day >= turn ? after : 1)),
  );
  return {
    id: `${NAMES[index % NAMES.length]} ${index}`,
    days: Int32Array.from(steps, (day) => FIRST_DAY + day),
    impressions: Float64Array.from(impressions),
    clicks: Float64Array.from(clicks),
    spendMicros: Float64Array.from(impressions, (shown) => shown * 9_000),
  };
}

function seriesOf({ id, days, impressions, clicks, spendMicros }: ItemDays): ItemSeries {
  return {
    id,
    days: Array.from(days, formatDay),
    impressions: Array.from(impressions),
    clicks: Array.from(clicks),
    spendMicros: spendMicros === null ? null : Array.from(spendMicros),
  };
}

export async function* streamed<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

/** Items as the pipeline hands them over. */
export async function* newItems(items: Iterable<StoredItem>): AsyncGenerator<NewItem> {
  for (const item of items) yield newItem(item);
}

function newItem({ item, series }: StoredItem): NewItem {
  return { item, json: JSON.stringify({ item, series }) };
}

/** Stores a result as the function does that is in charge of it. */
export function store(results: ResultStore, { head, items }: TestResult): Promise<'stored' | 'superseded'> {
  return results.store(head, newItems(items));
}

/** The settings of a function that writes to one server and reads from another. */
export function settingsFor(
  writer: { readonly port: number },
  reader = writer,
  user: DatabaseSettings['DB_USER'] = DATABASE_USERS.writer,
): DatabaseSettings {
  return {
    DB_HOST: '127.0.0.1',
    DB_READER_HOST: '127.0.0.1',
    DB_PORT: writer.port,
    DB_READER_PORT: reader.port,
    DB_NAME: 'postgres',
    DB_USER: user,
    DB_AUTH: 'password',
  };
}

/** A store over servers whose schema is made; its connections are closed when the test file is done. */
export function openStore(
  writer: PostgresServer,
  reader = writer,
  user: DatabaseSettings['DB_USER'] = DATABASE_USERS.writer,
): { readonly results: ResultStore; readonly database: Database } {
  const database = createDatabase(settingsFor(writer, reader, user), 'test');
  afterAll(() => database.end());
  return { database, results: createPostgresResultStore(database) };
}

export async function migrateServer(server: PostgresServer): Promise<void> {
  const client = await server.connect();
  await migrate(client, MIGRATIONS);
  await client.end();
}
