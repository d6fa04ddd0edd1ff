import { type Job, type JobEvent, type JobRef, jobSchema, type Watch, watchOf } from '../contracts/job.ts';
import { WATCHED_JOBS_INDEX } from '../contracts/key-layout.ts';
import { expiry, isExpired, recordKey, type TableRecord } from './dynamodb-records.ts';

/** With fields that only a newer version knows: one that is gone back to shall neither refuse nor lose them. */
const storedJob = jobSchema.loose();

/** Watched jobs are indexed under so many keys: each takes 1,000 writes a second. */
const SHARDS = 4;

/** All keys of the index under one heading. */
export function watchKeys(watch: Watch): string[] {
  return Array.from({ length: SHARDS }, (_, shard) => `${watch}#${shard}`);
}

export function jobKey({ tenant, jobId }: JobRef): TableRecord {
  return recordKey(tenantPartition(tenant), jobSortKey(jobId));
}

export function tenantPartition(tenant: string): string {
  return `tenant#${tenant}`;
}

export function jobSortKey(jobId: string): string {
  return `job#${jobId}`;
}

export function eventPartition({ tenant, jobId }: JobRef): string {
  return `job#${tenant}#${jobId}`;
}

export function eventSortKey({ at, id }: Pick<JobEvent, 'at' | 'id'>): string {
  return `event#${at}#${id}`;
}

/**
 * A job as it is stored: whole, as JSON, and beside it what conditions and the index need.
 *
 * @param keepSeconds how long a job is kept that ended without results
 */
export function jobRecord(
  job: Job,
  keepSeconds: number,
): TableRecord & { readonly job: { readonly S: string } } {
  const watch = watchOf(job);
  return {
    ...jobKey({ tenant: job.tenant, jobId: job.id }),
    ...expiryOf(job, keepSeconds),
    revision: { N: String(job.revision) },
    state: { S: job.state },
    [WATCHED_JOBS_INDEX.sortKey]: { S: job.touchedAt },
    // Only records with this attribute are in the index.
    ...(watch !== null && { [WATCHED_JOBS_INDEX.partitionKey]: { S: `${watch}#${shardOf(job.id)}` } }),
    job: { S: JSON.stringify(job) },
  };
}

/**
 * The job in a record; null when there is no record, or when it is past its time.
 *
 * @throws ZodError when the record is none of a job
 */
export function jobOf(record: TableRecord | undefined, now: number): Job | null {
  if (record === undefined || isExpired(record, now)) return null;
  return storedJob.parse(JSON.parse(record['job']?.S ?? 'null'));
}

function expiryOf({ resultExpiresAt, finishedAt }: Job, keepSeconds: number): TableRecord {
  if (resultExpiresAt !== null) return expiry(Date.parse(resultExpiresAt));
  return finishedAt === null ? {} : expiry(Date.parse(finishedAt) + keepSeconds * 1000);
}

function shardOf(jobId: string): number {
  return jobId.charCodeAt(jobId.length - 1) % SHARDS;
}
