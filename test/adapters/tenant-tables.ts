import {
  CreateTableCommand,
  DeleteItemCommand,
  paginateScan,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { createDynamoDatasetStore } from '../../lambdas/adapters/dynamodb-dataset-store.ts';
import { createDynamoIdempotency } from '../../lambdas/adapters/dynamodb-idempotency.ts';
import { createDynamoInFlight } from '../../lambdas/adapters/dynamodb-in-flight.ts';
import { createDynamoJobStore } from '../../lambdas/adapters/dynamodb-job-store.ts';
import { createDynamoPortfolios } from '../../lambdas/adapters/dynamodb-portfolios.ts';
import { createDynamoRateBucket } from '../../lambdas/adapters/dynamodb-rate-bucket.ts';
import { createDynamoTokens } from '../../lambdas/adapters/dynamodb-tokens.ts';
import { createDynamoWebhooks } from '../../lambdas/adapters/dynamodb-webhooks.ts';
import { createToken, hashOf, shownPrefix } from '../../lambdas/domain/access/token.ts';
import { idOf, jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import type { Clock } from '../../lambdas/ports/clock.ts';
import { buildWebhook } from '../webhooks/webhooks.ts';
import { buildEvent, buildJob } from './jobs.ts';
import { startJobsTable } from './jobs-table.ts';

const RATE = { capacity: 10, refillPerMinute: 10 };
const ACCESS = 'access';

/** A record of either table, as its key. */
export interface StoredKey {
  readonly table: string;
  readonly pk: string;
  readonly sk: string;
}

/** Both tables in one server, and everybody who writes into them. */
export async function startTenantTables(clock: Clock) {
  const { client, name: jobs } = await startJobsTable();
  await client.send(
    new CreateTableCommand({
      TableName: ACCESS,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName: ACCESS });
  const store = createDynamoJobStore({ client, name: jobs, clock, keepSeconds: 3600 });
  const tokens = createDynamoTokens(client, ACCESS, clock);
  const webhooks = createDynamoWebhooks(client, jobs, clock);
  const at = () => new Date(clock.now()).toISOString();

  function tokenOf(tenant: string, seed: number) {
    const secret = createToken(Buffer.alloc(32, `${tenant} ${seed}`));
    const id = idOf('tok', clock.now(), secret);
    const grant = { scopes: ['read' as const], requestsPerMinute: null, expiresAt: null };
    const token = { id, tenant, name: 'CI', prefix: shownPrefix(secret), createdAt: at(), ...grant };
    return { token, hash: hashOf(secret) };
  }

  /** What the system writes for a tenant, each by whoever does: another `seed` is another job, webhook, token. */
  const writers: Readonly<Record<string, (tenant: string, seed: number) => Promise<unknown>>> = {
    job: (tenant, seed) =>
      store.create(buildJob({ id: jobIdOf(clock.now(), `${seed}`), tenant }), [buildEvent(`e${seed}`)]),
    event: (tenant, seed) =>
      store.append({ tenant, jobId: jobIdOf(1, `${seed}`) }, buildEvent(`late${seed}`)),
    commit: (tenant, seed) =>
      store.commit({ tenant, jobId: jobIdOf(1, `${seed}`), run: 1, name: 'shards', capacity: 3 }, 1, {}),
    slicedCommit: (tenant, seed) =>
      store.commit({ tenant, jobId: jobIdOf(2, `${seed}`), run: 2, name: 'scan-0', capacity: 900 }, 40, {}),
    inFlight: (tenant, seed) =>
      createDynamoInFlight(client, jobs, clock).enter({ tenant, jobId: jobIdOf(1, `${seed}`) }, 5, {
        ...{ jobs: 50, bytes: 1000, leaseSeconds: 60 },
      }),
    heavyBucket: (tenant) => createDynamoRateBucket(client, jobs, clock).take(tenant, 'heavy-analysis', RATE),
    dataset: (tenant, seed) =>
      createDynamoDatasetStore(client, jobs).create({
        ...{ id: idOf('ds', 0, `${seed}`), tenant, revision: 1, name: `Spring ${seed}`, portfolioId: null },
        ...{ createdAt: at(), updatedAt: at(), versions: [] },
      }),
    portfolios: (tenant) =>
      createDynamoPortfolios(client, jobs).replace({
        ...{ tenant, revision: 1 },
        portfolios: [{ id: idOf('pf', 0, 'x'), name: 'EMEA', createdAt: at(), updatedAt: at() }],
      }),
    webhook: (tenant) => webhooks.create(buildWebhook({ tenant })),
    /** Of a webhook that is gone, or was when it was added. */
    delivery: (tenant, seed) =>
      webhooks.addDelivery({
        ...{ id: idOf('whd', 0, `${seed}`), tenant, webhookId: idOf('wh', 0, `${seed}`), revision: 1 },
        ...{ type: 'job.succeeded', body: '{}', state: 'pending', createdAt: at(), since: at(), made: 0 },
        ...{ nextAttemptAt: at(), attempts: [] },
      }),
    token: (tenant, seed) => {
      const { token, hash } = tokenOf(tenant, seed);
      return tokens.create(token, hash);
    },
    /** Made while the tenant's list of tokens was being removed: nothing leads to it. */
    unlistedToken: async (tenant, seed) => {
      const { token, hash } = tokenOf(tenant, seed + 1000);
      await tokens.create(token, hash);
      await remove(ACCESS, `tenant#${tenant}`, `token#${token.id}`);
    },
    requestBucket: (tenant, seed) =>
      createDynamoRateBucket(client, ACCESS, clock).take(tenant, `requests#tok_${seed}`, RATE),
    idempotencyKey: async (tenant, seed) => {
      const attempt = { tenant, key: `order ${seed}`, id: 'a' };
      const requests = createDynamoIdempotency(client, ACCESS, clock);
      await requests.claim(attempt, 'fingerprint', clock.now() + 1000);
      await requests.keep(attempt, '{"name":"Spring"}');
    },
  };

  async function remove(TableName: string, pk: string, sk: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: pk }, sk: { S: sk } } }));
  }

  async function all(): Promise<StoredKey[]> {
    const keys: StoredKey[] = [];
    for (const table of [jobs, ACCESS]) {
      for await (const { Items = [] } of paginateScan({ client }, { TableName: table }))
        keys.push(...Items.map(({ pk, sk }) => ({ table, pk: pk?.S ?? '', sk: sk?.S ?? '' })));
    }
    return keys.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }

  return {
    client,
    jobs,
    access: ACCESS,
    writers,
    /** Writes something of every kind for a tenant. */
    fill: (tenant: string, seed: number) =>
      Promise.all(Object.values(writers).map((write) => write(tenant, seed))),
    /** All records there are. */
    all,
  };
}
