import { type Job, type JobRef, jobSchema } from '../contracts/job.ts';
import { OPEN_JOBS_INDEX } from '../contracts/key-layout.ts';
import { isFinal } from '../domain/job/states.ts';
import { expiry, isExpired, recordKey, type TableRecord } from './dynamodb-records.ts';

/** Open jobs are indexed under so many keys: each takes 1,000 writes a second. */
const OPEN_SHARDS = 4;

/** All values of the partition key of the index of open jobs. */
export const OPEN_SHARD_KEYS = Array.from({ length: OPEN_SHARDS }, (_, shard) => String(shard));

export function jobKey({ tenant, jobId }: JobRef): TableRecord {
  return recordKey(`tenant#${tenant}`, `job#${jobId}`);
}

/** A job as it is stored: whole, as JSON, and beside it what conditions and the index need. */
export function jobRecord(job: Job): TableRecord & { readonly job: { readonly S: string } } {
  return {
    ...jobKey({ tenant: job.tenant, jobId: job.id }),
    ...(job.resultExpiresAt !== null && expiry(Date.parse(job.resultExpiresAt))),
    revision: { N: String(job.revision) },
    state: { S: job.state },
    [OPEN_JOBS_INDEX.sortKey]: { S: job.touchedAt },
    // Only records with this attribute are in the index.
    ...(!isFinal(job.state) && { [OPEN_JOBS_INDEX.partitionKey]: { S: openShard(job.id) } }),
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
  return jobSchema.parse(JSON.parse(record['job']?.S ?? 'null'));
}

function openShard(jobId: string): string {
  return String(jobId.charCodeAt(jobId.length - 1) % OPEN_SHARDS);
}
