import {
  type AttributeValue,
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { type Deletion, deletionSchema } from '../contracts/deletion.ts';
import { TABLE_ATTRIBUTES, WATCHED_JOBS_INDEX } from '../contracts/key-layout.ts';
import type { DeletionStore } from '../ports/deletion-store.ts';
import { readAll } from './dynamodb-batch.ts';
import { tenantPartition } from './dynamodb-job-record.ts';
import type { JobTable } from './dynamodb-job-store.ts';
import { isConditionFailed, recordKey, type TableRecord } from './dynamodb-records.ts';

/** Under which all deletions are indexed: there are few of them. */
const WATCH = 'deletion#0';
const { partitionKey: watch, sortKey: touched } = WATCHED_JOBS_INDEX;

/** Sort key of the deletion of all of a tenant, beside what it is about. */
export const TENANT_DELETION = 'deletion#all';

/** Deletions in the jobs table, beside what is to be deleted, and in the index of what is looked after. */
export function createDynamoDeletions(table: Pick<JobTable, 'client' | 'name'>): DeletionStore {
  const { client, name } = table;
  return {
    async put(deletion) {
      await client.send(new PutItemCommand({ TableName: name, Item: recordOf(deletion) }));
    },
    async listDue(now, limit) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: name,
          IndexName: WATCHED_JOBS_INDEX.name,
          KeyConditionExpression: '#watch = :watch AND #touched <= :now',
          ExpressionAttributeNames: { '#watch': watch, '#touched': touched },
          ExpressionAttributeValues: { ':watch': { S: WATCH }, ':now': { S: now } },
          Limit: limit,
        }),
      );
      // The index lags behind the table, which has the last word.
      const records = await readAll(table, Items.map(primaryKey));
      return records
        .map(deletionOf)
        .filter(({ dueAt }) => dueAt <= now)
        .sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1));
    },
    async settle(deletion, next) {
      const condition = {
        TableName: name,
        ConditionExpression: 'deletion = :known',
        ExpressionAttributeValues: { ':known': { S: textOf(deletion) } },
      };
      try {
        if (next === null) await client.send(new DeleteItemCommand({ ...condition, Key: keyOf(deletion) }));
        else await client.send(new PutItemCommand({ ...condition, Item: recordOf(next) }));
        return true;
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        return false;
      }
    },
  };
}

function keyOf({ tenant, datasetId }: Deletion): TableRecord {
  return recordKey(tenantPartition(tenant), datasetId === null ? TENANT_DELETION : `deletion#${datasetId}`);
}

function recordOf(deletion: Deletion): Record<string, AttributeValue> {
  return {
    ...keyOf(deletion),
    [watch]: { S: WATCH },
    [touched]: { S: deletion.dueAt },
    deletion: { S: textOf(deletion) },
  };
}

/** The same text of the same deletion, in whatever order its parts came. */
function textOf(deletion: Deletion): string {
  return JSON.stringify(deletionSchema.parse(deletion));
}

function primaryKey(record: TableRecord): TableRecord {
  const { partitionKey, sortKey } = TABLE_ATTRIBUTES;
  return Object.fromEntries(
    Object.entries(record).filter(([name]) => name === partitionKey || name === sortKey),
  );
}

/** @throws ZodError when the record is none of a deletion */
function deletionOf(record: TableRecord): Deletion {
  return deletionSchema.parse(JSON.parse(record['deletion']?.S ?? 'null'));
}
