import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { type JobEvent, type JobRef, jobEventSchema } from '../contracts/job.ts';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import type { JobStore } from '../ports/job-store.ts';
import { eventPartition, eventSortKey, jobOf, jobSortKey, tenantPartition } from './dynamodb-job-record.ts';
import type { JobTable } from './dynamodb-job-store.ts';
import { isExpired, type TableRecord } from './dynamodb-records.ts';

/** With fields that only a newer version knows: one that is gone back to shall neither refuse nor lose them. */
const storedEvent = jobEventSchema.loose();

/** Records of one partition, between two sort keys (both included), from either end. */
interface Range {
  readonly partition: string;
  readonly from: string;
  readonly to: string;
  readonly forward: boolean;
  readonly limit: number;
}

/** Sorts behind every character of a key. */
const LAST = '\uffff';

/** Lists out of the jobs table. Each is one range of one partition, read until there are enough. */
export function createJobLists(table: JobTable): Pick<JobStore, 'list' | 'events'> {
  const { client, name, clock } = table;

  async function* read({ partition, from, to, forward, limit }: Range): AsyncGenerator<TableRecord> {
    let next: TableRecord | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: name,
          KeyConditionExpression: '#pk = :pk AND #sk BETWEEN :from AND :to',
          ExpressionAttributeNames: { '#pk': TABLE_ATTRIBUTES.partitionKey, '#sk': TABLE_ATTRIBUTES.sortKey },
          ExpressionAttributeValues: { ':pk': { S: partition }, ':from': { S: from }, ':to': { S: to } },
          ConsistentRead: true,
          ScanIndexForward: forward,
          Limit: limit,
          ExclusiveStartKey: next,
        }),
      );
      yield* page.Items ?? [];
      next = page.LastEvaluatedKey;
    } while (next !== undefined);
  }

  return {
    async list({ tenant, before, since, limit }) {
      const to = jobSortKey(before ?? LAST);
      const range = { partition: tenantPartition(tenant), from: jobSortKey(since), to };
      const jobs = [];
      // One more: the range ends with the job that is left out.
      for await (const record of read({ ...range, forward: false, limit: limit + 1 })) {
        const job = jobOf(record, clock.now());
        if (job === null || job.id === before) continue;
        jobs.push(job);
        if (jobs.length === limit) break;
      }
      return jobs;
    },

    async events(ref: JobRef, { after, order, limit }) {
      const forward = order === 'oldest';
      const border = after === null ? null : eventSortKey(after);
      const range = {
        partition: eventPartition(ref),
        from: forward && border !== null ? border : 'event#',
        to: !forward && border !== null ? border : `event#${LAST}`,
      };
      const events: JobEvent[] = [];
      for await (const record of read({ ...range, forward, limit: limit + 1 })) {
        if (isExpired(record, clock.now()) || record[TABLE_ATTRIBUTES.sortKey]?.S === border) continue;
        events.push(storedEvent.parse(JSON.parse(record['event']?.S ?? 'null')));
        if (events.length === limit) break;
      }
      return events;
    },
  };
}
