import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { JobRef } from '../contracts/job.ts';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import type { Clock } from '../ports/clock.ts';
import type { InFlight, InFlightLimits } from '../ports/in-flight.ts';
import { expiryTime, isConditionFailed, recordKey, type TableRecord } from './dynamodb-records.ts';

// Attributes of a job in its tenant's record: its bytes, and when it was entered.
const BYTES = 'b_';
const SINCE = 's_';

const ROOM_IN_JOBS = '(attribute_not_exists(jobs) OR jobs < :maxJobs)';
const ROOM_IN_BYTES = '(attribute_not_exists(jobs) OR jobs = :none OR bytes <= :room)';

/**
 * Jobs in flight, one record a tenant with their number and bytes and who they are. Entering and leaving are one
 * conditional write each, which changes the sums and the list together or, made again, nothing.
 */
export function createDynamoInFlight(client: DynamoDBClient, table: string, clock: Clock): InFlight {
  /** @returns whether the write was made: its condition held */
  async function update({ tenant, jobId }: JobRef, { names = {}, ...write }: Write): Promise<boolean> {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(tenant),
          ...write,
          ExpressionAttributeNames: { '#job': BYTES + jobId, '#since': SINCE + jobId, ...names },
        }),
      );
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  }

  function tryEnter(job: JobRef, bytes: number, limits: InFlightLimits): Promise<boolean> {
    const now = clock.now();
    return update(job, {
      UpdateExpression: 'SET #job = :bytes, #since = :now, #expiry = :expiry ADD jobs :one, bytes :bytes',
      ConditionExpression: `attribute_not_exists(#job) AND ${ROOM_IN_JOBS} AND ${ROOM_IN_BYTES}`,
      ExpressionAttributeValues: {
        ':bytes': { N: String(bytes) },
        ':now': { N: String(now) },
        ':one': { N: '1' },
        ':none': { N: '0' },
        ':maxJobs': { N: String(limits.jobs) },
        ':room': { N: String(limits.bytes - bytes) },
        // By then the leases of all jobs in it are over.
        ':expiry': expiryTime(now + limits.leaseSeconds * 1000),
      },
      names: { '#expiry': TABLE_ATTRIBUTES.expiry },
    });
  }

  async function leave(job: JobRef): Promise<void> {
    await update(job, {
      UpdateExpression: 'SET bytes = bytes - #job, jobs = jobs - :one REMOVE #job, #since',
      ConditionExpression: 'attribute_exists(#job)',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    });
  }

  async function read(tenant: string): Promise<TableRecord> {
    const { Item = {} } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(tenant), ConsistentRead: true }),
    );
    return Item;
  }

  return {
    leave,

    async enter(job, bytes, limits) {
      if (await tryEnter(job, bytes, limits)) return true;
      const { tenant } = job;
      const record = await read(tenant);
      if (BYTES + job.jobId in record) return true;
      const over = enteredBefore(record, clock.now() - limits.leaseSeconds * 1000);
      for (const jobId of over) await leave({ tenant, jobId });
      return over.length > 0 && tryEnter(job, bytes, limits);
    },
  };
}

interface Write {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeValues: TableRecord;
  readonly names?: Readonly<Record<string, string>>;
}

function keyOf(tenant: string): TableRecord {
  return recordKey(`in-flight#${tenant}`, 'jobs');
}

/** Ids of the jobs that were entered at a time or before. */
function enteredBefore(record: TableRecord, time: number): string[] {
  return Object.entries(record).flatMap(([name, { N }]) =>
    name.startsWith(SINCE) && Number(N) <= time ? [name.slice(SINCE.length)] : [],
  );
}
