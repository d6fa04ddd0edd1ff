import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { createDynamoDatasetStore } from '../adapters/dynamodb-dataset-store.ts';
import { createDynamoDeletions } from '../adapters/dynamodb-deletions.ts';
import { createDynamoJobStore } from '../adapters/dynamodb-job-store.ts';
import { createDynamoTenantRecords } from '../adapters/dynamodb-tenant-records.ts';
import { createDynamoTimelineRemover } from '../adapters/dynamodb-timeline-remover.ts';
import { createDatabase } from '../adapters/postgres/database.ts';
import { createPostgresHistoryStore } from '../adapters/postgres/history-store.ts';
import { createResultWriter } from '../adapters/postgres/result-writer.ts';
import { createS3ObjectRemover } from '../adapters/s3-object-remover.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { databaseEnvironmentSchema } from '../contracts/database-environment.ts';
import { datasetIdSchema } from '../contracts/dataset.ts';
import { purgeEnvironmentSchema } from '../contracts/environment.ts';
import { tenantSchema } from '../contracts/job.ts';
import { timeOf } from '../pipeline/job-record.ts';
import { type PurgeContext, type PurgeOutcome, purge, purgeDue } from '../pipeline/purge.ts';
import { alsoLog, errorFields, log } from './runtime/log.ts';
import { observed } from './runtime/observed.ts';
import { readEnvironment } from './runtime/services.ts';

const DAY_SECONDS = 24 * 60 * 60;
/** Deletions of one run; the next comes a minute later. */
const MOST = 20;

const requestSchema = z.union([
  z.object({ 'detail-type': z.literal('Scheduled Event') }).transform(() => null),
  z.strictObject({ tenant: tenantSchema, datasetId: datasetIdSchema.nullable() }),
]);

let context: PurgeContext | undefined;

/** Works on what is to be deleted, every minute. Called by hand it deletes a dataset, or all of a tenant, at once. */
export const handler = observed(async (event: unknown): Promise<{ deletions: number }> => {
  const request = requestSchema.parse(event);
  context ??= createContext();
  if (request === null) return { deletions: tell(await purgeDue(context, MOST)) };
  const askedAt = timeOf(context.clock.now());
  const deletion = { ...request, askedAt, dueAt: askedAt };
  alsoLog(request);
  await context.deletions.put(deletion);
  await purge(context, deletion);
  return { deletions: 1 };
});

/** @returns how many were worked on. @throws Error when some of them failed */
function tell(outcomes: readonly PurgeOutcome[]): number {
  const failures = outcomes.filter(({ error }) => error !== undefined);
  for (const { deletion, error } of outcomes) {
    const { tenant, datasetId } = deletion;
    if (error === undefined) log('info', 'A deletion was worked on.', { tenant, datasetId, deletion });
    else log('error', 'A deletion failed.', { tenant, datasetId, deletion, ...errorFields(error) });
  }
  if (failures.length > 0) throw new Error(`${failures.length} deletions failed.`);
  return outcomes.length;
}

function createContext(): PurgeContext {
  const { DATA_BUCKET, JOBS_TABLE, ACCESS_TABLE, RECORD_DAYS } = readEnvironment(purgeEnvironmentSchema);
  const client = new DynamoDBClient();
  const database = createDatabase(readEnvironment(databaseEnvironmentSchema), 'purge');
  const table = { client, name: JOBS_TABLE, clock: systemClock, keepSeconds: RECORD_DAYS * DAY_SECONDS };
  return {
    deletions: createDynamoDeletions(table),
    jobs: createDynamoJobStore(table),
    datasets: createDynamoDatasetStore(client, JOBS_TABLE),
    timelines: createDynamoTimelineRemover(client, JOBS_TABLE),
    records: createDynamoTenantRecords({ client, jobs: JOBS_TABLE, access: ACCESS_TABLE }),
    objects: createS3ObjectRemover(new S3Client(), DATA_BUCKET),
    results: createResultWriter(database),
    history: createPostgresHistoryStore(database),
    clock: systemClock,
  };
}
