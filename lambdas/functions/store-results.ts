import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import * as z from 'zod';
import { createDynamoJobStore } from '../adapters/dynamodb-job-store.ts';
import { createDatabase } from '../adapters/postgres/database.ts';
import { createPostgresHistoryStore } from '../adapters/postgres/history-store.ts';
import { createResultWriter } from '../adapters/postgres/result-writer.ts';
import { createS3ObjectStore } from '../adapters/s3-object-store.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { databaseEnvironmentSchema } from '../contracts/database-environment.ts';
import { environmentSchema } from '../contracts/environment.ts';
import { jobIdSchema, tenantSchema } from '../contracts/job.ts';
import { type ExportHistoryContext, exportHistory } from '../pipeline/export-history.ts';
import {
  type AddToHistoryContext,
  addToHistory,
  type StoreResultsContext,
  storeResults,
} from '../pipeline/store-results.ts';
import type { HistoryExport } from '../ports/history-exporter.ts';
import { observed } from './runtime/observed.ts';
import { readEnvironment } from './runtime/services.ts';

const DAY_SECONDS = 24 * 60 * 60;

const runSchema = z.strictObject({ tenant: tenantSchema, jobId: jobIdSchema, run: z.int().min(1) });
const requestSchema = z.union([
  runSchema,
  z.strictObject({ joinHistory: runSchema }),
  z.strictObject({ exportHistory: runSchema }),
]);
const variables = environmentSchema.pick({
  DATA_BUCKET: true,
  JOBS_TABLE: true,
  RESULT_DAYS: true,
  RECORD_DAYS: true,
});

type Context = StoreResultsContext & AddToHistoryContext & ExportHistoryContext;

let context: Context | undefined;

/**
 * Comes to the database for those who cannot: stores there what a run of a job found, once its reports are written, adds
 * the days of an upload to the history of its dataset, or writes the history that a run is about where it can read it.
 * Answers with the outcome.
 */
export const handler = middy<unknown, { outcome: 'done' | HistoryExport }>()
  .use(observed())
  .handler(async (event) => {
    const request = requestSchema.parse(event);
    context ??= createContext();
    if ('exportHistory' in request) return { outcome: await exportHistory(context, request.exportHistory) };
    if ('joinHistory' in request) return { outcome: await addToHistory(context, request.joinHistory) };
    return { outcome: await storeResults(context, request) };
  });

function createContext(): Context {
  const { DATA_BUCKET, JOBS_TABLE, RESULT_DAYS, RECORD_DAYS } = readEnvironment(variables);
  const database = createDatabase(readEnvironment(databaseEnvironmentSchema), 'store-results');
  return {
    jobs: createDynamoJobStore({
      client: new DynamoDBClient(),
      name: JOBS_TABLE,
      clock: systemClock,
      keepSeconds: RECORD_DAYS * DAY_SECONDS,
    }),
    objects: createS3ObjectStore(new S3Client({ responseChecksumValidation: 'WHEN_REQUIRED' }), DATA_BUCKET),
    results: createResultWriter(database),
    history: createPostgresHistoryStore(database),
    clock: systemClock,
    settings: { resultDays: RESULT_DAYS },
  };
}
