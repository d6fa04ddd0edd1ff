import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { jobOf } from '../../lambdas/adapters/dynamodb-job-record.ts';
import { createDynamoJobStore } from '../../lambdas/adapters/dynamodb-job-store.ts';
import { systemClock } from '../../lambdas/adapters/system-clock.ts';
import type { Job, JobEvent, JobRef } from '../../lambdas/contracts/job.ts';
import { announcedUploadKey, documentKey, reportCsvKey } from '../../lambdas/contracts/object-keys.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { isFinal, type JobState } from '../../lambdas/domain/job/states.ts';
import { newJob } from '../../lambdas/pipeline/new-job.ts';
import { readProgress } from '../../lambdas/pipeline/read-progress.ts';
import type { JobStore } from '../../lambdas/ports/job-store.ts';
import { outputOf } from '../../local/user.ts';
import { eventually } from '../local/eventually.ts';
import type { Reports } from './exports.ts';
import type { System, Upload } from './system.ts';

/** Ample for a machine with ten times the work it can do; a quiet one needs seconds for all that is waited for. */
export const PATIENCE_MS = 150_000;

export function jobStore({ clients, cloud }: System): JobStore {
  const name = outputOf(cloud, 'JobsTableName');
  return createDynamoJobStore({ client: clients.dynamodb, name, clock: systemClock, keepSeconds: 3600 });
}

/** All jobs of a tenant, the oldest first. */
export async function jobsOf(system: System, tenant: string): Promise<Job[]> {
  const items = await query(system, `tenant#${tenant}`, 'job#');
  return items.flatMap((item) => jobOf(item, systemClock.now()) ?? []);
}

/** What happened to a job, in order. */
export async function timeline(system: System, { tenant, id }: Job): Promise<JobEvent[]> {
  const items = await query(system, `job#${tenant}#${id}`, 'event#');
  return items.map(({ event }) => JSON.parse(event?.S ?? ''));
}

/** The states that a job went through, as its timeline tells. */
export async function states(system: System, job: Job): Promise<JobState[]> {
  const all = (await timeline(system, job)).map(({ state }) => state);
  return all.filter((state, i) => state !== all[i - 1]);
}

/** Chunks of a job that were scanned. */
export async function chunksDone(system: System, job: Job): Promise<number> {
  const { chunks } = await readProgress({ jobs: jobStore(system), clock: systemClock }, job);
  return chunks?.done ?? 0;
}

async function query({ clients, cloud }: System, pk: string, prefix: string) {
  const { Items = [] } = await clients.dynamodb.send(
    new QueryCommand({
      TableName: outputOf(cloud, 'JobsTableName'),
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
      ConsistentRead: true,
    }),
  );
  return Items;
}

/** Announces an upload, as the API will on request. @returns the job, which waits for a file at its key */
export async function announce(system: System, tenant: string, fileName: string): Promise<Job> {
  const now = systemClock.now();
  const id = jobIdOf(now, `${tenant}/${fileName}`);
  const key = announcedUploadKey({ tenant, dataset: 'spring', jobId: id, fileName });
  const source = { key, versionId: null, etag: null, bytes: null };
  const dataset = { id: 'spring', name: fileName };
  const { job, event } = newJob(
    { id, tenant, origin: 'upload', dataset, source, hints: {}, parameters: {} },
    now,
  );
  await jobStore(system).create(job, [event]);
  return job;
}

/** Waits until the job that an upload started is in a state. @throws Error when it ends in another */
export function jobOfUpload(system: System, { key, version }: Upload, state: JobState): Promise<Job> {
  const tenant = key.split('/')[1] ?? '';
  return reaching(key, state, async () => {
    const jobs = await jobsOf(system, tenant);
    return jobs.find(({ source }) => source.key === key && source.versionId === version);
  });
}

/** Waits until a job is in a state. @throws Error when it ends in another */
export function reaches(system: System, { tenant, id }: Job, state: JobState): Promise<Job> {
  const ref: JobRef = { tenant, jobId: id };
  return reaching(id, state, async () => (await jobStore(system).get(ref)) ?? undefined);
}

function reaching(what: string, state: JobState, find: () => Promise<Job | undefined>): Promise<Job> {
  const probe = async () => {
    const job = await find();
    // Once it is over, it is written again when its end is told, and when its upload has joined the history.
    const isOpen = job?.announced === false || job?.joined === false;
    if (job === undefined || job.state === state) return isOpen ? undefined : job;
    if (isFinal(job.state)) throw new Error(`${what} is ${job.state}: ${JSON.stringify(job.error)}`);
    return undefined;
  };
  return eventually(`${what} is ${state}`, probe, PATIENCE_MS);
}

/** Both reports of a job; null as long as one is not there. */
export async function reportsOf(system: System, { tenant, id, run }: Job): Promise<Reports | null> {
  const jobRun = { tenant, jobId: id, run };
  const [json, csv] = await Promise.all([
    system.read(documentKey(jobRun)),
    system.read(reportCsvKey(jobRun)),
  ]);
  return json === null || csv === null ? null : { json, csv };
}
