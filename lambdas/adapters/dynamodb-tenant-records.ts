import { type DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import type { TenantRecords } from '../ports/tenant-records.ts';
import { deleteAll } from './dynamodb-delete.ts';
import { TENANT_DELETION } from './dynamodb-deletions.ts';
import { tenantPartition } from './dynamodb-job-record.ts';
import { recordKey, type TableRecord } from './dynamodb-records.ts';
import { tokenKey } from './dynamodb-tokens.ts';

export interface TenantTables {
  readonly client: DynamoDBClient;
  readonly jobs: string;
  readonly access: string;
}

/** Records of one table that have more to do with each other than their tenant, and so are removed one kind at a time. */
interface Kind {
  readonly table: string;
  /** What their sort keys begin with. */
  readonly prefix: string;
  /** What goes with a record, and before it: removed half, it leads there the next time. */
  readonly first?: (record: TableRecord) => TableRecord[];
}

/** Most records of one query. */
const PAGE = 500;
/** First words of partitions that hold something of one thing of a tenant: a job, a webhook, a token, a request. */
const SCATTERED = ['job', 'commits', 'bucket', 'webhook', 'idempotency'] as const;

const NAMES = { '#pk': TABLE_ATTRIBUTES.partitionKey, '#sk': TABLE_ATTRIBUTES.sortKey };

const positionSchema = z.strictObject({
  table: z.enum(['jobs', 'access']),
  /** The last record that was looked at; null at the table's beginning. */
  after: z.strictObject({ pk: z.string(), sk: z.string() }).nullable(),
});

/**
 * All records of a tenant. What stands in its own partitions is found by queries. The rest stands in partitions of jobs,
 * webhooks, tokens and requests, some of which nothing leads to any more, and is found by reading everything: the purge
 * of a tenant is rare, and an index of all records by tenant would cost a write for each of them, every day.
 */
export function createDynamoTenantRecords({ client, ...tables }: TenantTables): TenantRecords {
  const kinds: readonly Kind[] = [
    { table: tables.access, prefix: 'token#', first: ({ hash }) => [tokenKey(hash?.S ?? '')] },
    { table: tables.jobs, prefix: 'webhook#' },
    { table: tables.jobs, prefix: '' },
  ];

  /** Some records of a kind, without the deletion itself. */
  async function named(tenant: string, { table, prefix }: Kind): Promise<TableRecord[]> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: `#pk = :pk${prefix === '' ? '' : ' AND begins_with(#sk, :prefix)'}`,
        ProjectionExpression: '#pk, #sk, #hash',
        ExpressionAttributeNames: { ...NAMES, '#hash': 'hash' },
        ExpressionAttributeValues: {
          ':pk': { S: tenantPartition(tenant) },
          ...(prefix !== '' && { ':prefix': { S: prefix } }),
        },
        ConsistentRead: true,
        Limit: PAGE,
      }),
    );
    return Items.filter((record) => record[TABLE_ATTRIBUTES.sortKey]?.S !== TENANT_DELETION);
  }

  return {
    async removeNamed(tenant) {
      for (const kind of kinds) {
        const records = await named(tenant, kind);
        if (records.length === 0) continue;
        const first = kind.first === undefined ? [] : records.flatMap(kind.first);
        await deleteAll(client, kind.table, first);
        await deleteAll(client, kind.table, records.map(primaryKey));
        return first.length + records.length;
      }
      return 0;
    },

    async removeScattered(tenant, position) {
      const { table, after } = positionOf(position);
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({
          TableName: tables[table],
          ...ofTenant(tenant),
          ProjectionExpression: '#pk, #sk',
          // What was written before the look began is found.
          ConsistentRead: true,
          ...(after !== null && { ExclusiveStartKey: recordKey(after.pk, after.sk) }),
        }),
      );
      await deleteAll(client, tables[table], Items.map(primaryKey));
      const next =
        LastEvaluatedKey === undefined ? behind(table) : { table, after: textsOf(LastEvaluatedKey) };
      return { removed: Items.length, next: next === null ? null : JSON.stringify(next) };
    },
  };
}

/**
 * What tells the records of a tenant from all others. No tenant's name has a `#` or a `"`, so that none is taken for
 * another that begins like it.
 */
function ofTenant(tenant: string) {
  const own = SCATTERED.map((word) => [`:${word}`, { S: `${word}#${tenant}#` }] as const);
  const begins = own.map(([value]) => `begins_with(#pk, ${value})`);
  return {
    FilterExpression: `${begins.join(' OR ')} OR #pk = :inFlight OR contains(#token, :token) OR (#pk = :tenant AND #sk <> :deletion)`,
    ExpressionAttributeNames: { ...NAMES, '#token': 'token' },
    ExpressionAttributeValues: {
      ...Object.fromEntries(own),
      ':inFlight': { S: `in-flight#${tenant}` },
      // A token stands under its hash; its tenant, in its content.
      ':token': { S: `"tenant":${JSON.stringify(tenant)}` },
      ':tenant': { S: tenantPartition(tenant) },
      ':deletion': { S: TENANT_DELETION },
    },
  };
}

/** @throws ZodError when the text is no position that was given out here */
function positionOf(text: string | null): z.infer<typeof positionSchema> {
  return text === null ? { table: 'jobs', after: null } : positionSchema.parse(JSON.parse(text));
}

/** The beginning of the table behind one; null behind the last. */
function behind(table: 'jobs' | 'access'): z.infer<typeof positionSchema> | null {
  return table === 'jobs' ? { table: 'access', after: null } : null;
}

function primaryKey(record: TableRecord): TableRecord {
  const { pk, sk } = textsOf(record);
  return recordKey(pk, sk);
}

function textsOf(record: TableRecord): { pk: string; sk: string } {
  const { partitionKey, sortKey } = TABLE_ATTRIBUTES;
  return { pk: record[partitionKey]?.S ?? '', sk: record[sortKey]?.S ?? '' };
}
