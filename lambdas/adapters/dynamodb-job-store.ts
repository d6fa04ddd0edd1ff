import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Job, JobEvent, JobRef } from '../contracts/job.ts';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import type { Clock } from '../ports/clock.ts';
import type { JobStore } from '../ports/job-store.ts';
import { createCommits } from './dynamodb-commits.ts';
import { createJobLists } from './dynamodb-job-lists.ts';
import { eventPartition, eventSortKey, jobKey, jobOf, jobRecord } from './dynamodb-job-record.ts';
import { expiry, isConditionFailed, recordKey, type TableRecord } from './dynamodb-records.ts';
import { createListStale } from './dynamodb-watched-jobs.ts';

export interface JobTable {
  readonly client: DynamoDBClient;
  readonly name: string;
  readonly clock: Clock;
  /** How long is kept what has no results to expire with: events, commits, jobs that failed. */
  readonly keepSeconds: number;
}

/** Jobs, their events and commits in the jobs table. */
export function createDynamoJobStore(table: JobTable): JobStore {
  const { client, name, clock } = table;

  async function read(ref: JobRef): Promise<TableRecord | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: name, Key: jobKey(ref), ConsistentRead: true }),
    );
    return Item;
  }

  /**
   * Writes a job on a condition. A write whose answer got lost is sent again by the client and then fails its own
   * condition; that it is stored as sent tells it from one that lost against another.
   */
  async function write(
    job: Job,
    condition: Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'>,
  ): Promise<boolean> {
    const record = jobRecord(job, table.keepSeconds);
    try {
      await client.send(new PutItemCommand({ TableName: name, Item: record, ...condition }));
      return true;
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      const stored = await read({ tenant: job.tenant, jobId: job.id });
      return stored?.['job']?.S === record.job.S;
    }
  }

  async function append(ref: JobRef, event: JobEvent): Promise<void> {
    await client.send(
      new PutItemCommand({
        TableName: name,
        Item: {
          ...recordKey(eventPartition(ref), eventSortKey(event)),
          ...expiry(clock.now() + table.keepSeconds * 1000),
          event: { S: JSON.stringify(event) },
        },
      }),
    );
  }

  async function appendAll(job: Job, events: readonly JobEvent[]): Promise<void> {
    await Promise.all(events.map((event) => append({ tenant: job.tenant, jobId: job.id }, event)));
  }

  return {
    async create(job, events) {
      const condition = `attribute_not_exists(${TABLE_ATTRIBUTES.partitionKey})`;
      const created = await write(job, { ConditionExpression: condition });
      if (created) await appendAll(job, events);
      return created ? 'created' : 'exists';
    },
    get: async (ref) => jobOf(await read(ref), clock.now()),
    async replace(job, events) {
      const replaced = await write(job, {
        ConditionExpression: 'revision = :previous',
        ExpressionAttributeValues: { ':previous': { N: String(job.revision - 1) } },
      });
      if (replaced) await appendAll(job, events);
      return replaced ? 'replaced' : 'conflict';
    },
    append,
    ...createCommits(table),
    ...createJobLists(table),
    listStale: createListStale(table),
  };
}
