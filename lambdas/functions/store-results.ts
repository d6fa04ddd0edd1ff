import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
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
import { requestIdSchema } from '../contracts/request.ts';
import { type ExportHistoryContext, exportHistory } from '../pipeline/export-history.ts';
import {
  type AddToHistoryContext,
  addToHistory,
  type StoreResultsContext,
  storeResults,
} from '../pipeline/store-results.ts';
import type { HistoryExport } from '../ports/history-exporter.ts';
import { alsoLog, log } from './runtime/log.ts';
import { observed } from './runtime/observed.ts';
import { readEnvironment } from './runtime/services.ts';

const DAY_SECONDS = 24 * 60 * 60;
/** Results and series are read side by side, and slower than they come. */
const STREAM_BUDGET_BYTES = 1 << 24;

// Whoever calls may be of another version: what is not known is left out instead of refused.
const runSchema = z.object({
  tenant: tenantSchema,
  jobId: jobIdSchema,
  run: z.int().min(1),
  requestId: requestIdSchema.exactOptional(),
});
const requestSchema = z.union([
  runSchema,
  z.strictObject({ joinHistory: runSchema }),
  z.strictObject({ exportHistory: runSchema }),
]);

type Request = z.infer<typeof requestSchema>;
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
export const handler = observed(async (event: unknown): Promise<{ outcome: 'done' | HistoryExport }> => {
  const request = requestSchema.parse(event);
  alsoLog(runOf(request));
  context ??= createContext();
  return { outcome: await perform(context, request) };
});

async function perform(context: Context, request: Request): Promise<'done' | HistoryExport> {
  const started = performance.now();
  const outcome = await verb(context, request);
  const what = 'exportHistory' in request ? 'export' : 'joinHistory' in request ? 'join' : 'results';
  const seconds = (performance.now() - started) / 1000;
  log('info', `What there is in the database of the run is ${outcome}.`, { what, seconds });
  return outcome;
}

function verb(context: Context, request: Request): Promise<'done' | HistoryExport> {
  if ('exportHistory' in request) return exportHistory(context, request.exportHistory);
  if ('joinHistory' in request) return addToHistory(context, request.joinHistory);
  return storeResults(context, request);
}

function runOf(request: Request): z.infer<typeof runSchema> {
  if ('exportHistory' in request) return request.exportHistory;
  return 'joinHistory' in request ? request.joinHistory : request;
}

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
    objects: createS3ObjectStore(
      new S3Client({ responseChecksumValidation: 'WHEN_REQUIRED' }),
      DATA_BUCKET,
      STREAM_BUDGET_BYTES,
    ),
    results: createResultWriter(database),
    history: createPostgresHistoryStore(database),
    clock: systemClock,
    settings: { resultDays: RESULT_DAYS },
  };
}
