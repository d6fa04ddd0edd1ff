import type pg from 'pg';
import type { JobRef } from '../../contracts/job.ts';

// Two jobs of one hash wait for each other, and nothing else. The lock goes with the transaction, so that it does not tie
// the session to its connection behind RDS Proxy.
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))`;

/**
 * Lets one transaction at a time say what is shown of a job. Rows would not do: a job of which nothing is stored has none,
 * and one that is published between the two deletions of a job would be shown without items.
 */
export async function lockJob(client: pg.ClientBase, { tenant, jobId }: JobRef): Promise<void> {
  await client.query(LOCK, [tenant, jobId]);
}
