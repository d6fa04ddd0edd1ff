import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { watchOf } from '../contracts/job.ts';
import { TABLE_ATTRIBUTES, WATCHED_JOBS_INDEX } from '../contracts/key-layout.ts';
import type { JobStore } from '../ports/job-store.ts';
import { readAll } from './dynamodb-batch.ts';
import { jobOf, watchKeys } from './dynamodb-job-record.ts';
import type { JobTable } from './dynamodb-job-store.ts';
import type { TableRecord } from './dynamodb-records.ts';

const { partitionKey, sortKey } = TABLE_ATTRIBUTES;

/**
 * Finds jobs that nothing moves. The index lags behind the table, so that a job is looked at again in the table before
 * it is called stale; one that became stale within the lag is found the next time.
 */
export function createListStale(table: JobTable): JobStore['listStale'] {
  const { client, name, clock } = table;

  async function staleKeys(key: string, touchedBefore: string, limit: number): Promise<TableRecord[]> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: name,
        IndexName: WATCHED_JOBS_INDEX.name,
        KeyConditionExpression: '#watch = :watch AND #touched < :before',
        ExpressionAttributeNames: {
          '#watch': WATCHED_JOBS_INDEX.partitionKey,
          '#touched': WATCHED_JOBS_INDEX.sortKey,
        },
        ExpressionAttributeValues: { ':watch': { S: key }, ':before': { S: touchedBefore } },
        Limit: limit,
      }),
    );
    return Items;
  }

  return async (watch, touchedBefore, limit) => {
    const found = await Promise.all(watchKeys(watch).map((key) => staleKeys(key, touchedBefore, limit)));
    const keys = found.flat().sort(byTouched).slice(0, limit).map(primaryKey);
    const records = await readAll(table, keys);
    return records
      .map((record) => jobOf(record, clock.now()))
      .filter((job) => job !== null)
      .filter((job) => watchOf(job) === watch && job.touchedAt < touchedBefore)
      .sort((a, b) => compare(a.touchedAt, b.touchedAt));
  };
}

function primaryKey(record: TableRecord): TableRecord {
  return Object.fromEntries(
    Object.entries(record).filter(([name]) => name === partitionKey || name === sortKey),
  );
}

function byTouched(a: TableRecord, b: TableRecord): number {
  const { sortKey: touched } = WATCHED_JOBS_INDEX;
  return compare(a[touched]?.S ?? '', b[touched]?.S ?? '');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
