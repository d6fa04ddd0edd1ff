import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { createDynamoCapacityMemory } from '../../adapters/dynamodb-capacity-memory.ts';
import { createDynamoDatasetStore } from '../../adapters/dynamodb-dataset-store.ts';
import { createDynamoJobStore } from '../../adapters/dynamodb-job-store.ts';
import { createDynamoPortfolios } from '../../adapters/dynamodb-portfolios.ts';
import { createEmfMetrics } from '../../adapters/emf-metrics.ts';
import { createDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createResultReader } from '../../adapters/postgres/result-reader.ts';
import { createS3DownloadLinks } from '../../adapters/s3-download-links.ts';
import { createS3ObjectStore } from '../../adapters/s3-object-store.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { queryAnswers } from '../../api/query.ts';
import type { Dependency } from '../../api/readiness.ts';
import type { Capacity } from '../../contracts/api/readiness.ts';
import { type CacheRecord, cacheRecordSchema } from '../../contracts/capacity.ts';
import { databaseEnvironmentSchema } from '../../contracts/database-environment.ts';
import { apiEnvironmentSchema } from '../../contracts/environment.ts';
import { createAnswersCache } from './answers-cache.ts';
import type { ApiFunction } from './api-handler.ts';
import { apiMiddlewares } from './api-middlewares.ts';
import { errorFields, log, writeLine } from './log.ts';
import { readEnvironment } from './services.ts';

const DAY_SECONDS = 24 * 60 * 60;
/** Of nobody: it only shows that the table answers. */
const NO_JOB = { tenant: 'readiness', jobId: 'none' };

/** The function behind results and portfolios. @throws Error naming missing variables */
export function createQuery(): ApiFunction {
  const environment = readEnvironment(apiEnvironmentSchema);
  const metrics = createEmfMetrics(environment.METRICS_NAMESPACE, systemClock, writeLine);
  const dynamodb = new DynamoDBClient();
  const s3 = new S3Client();
  const objects = createS3ObjectStore(s3, environment.DATA_BUCKET);
  const database = createDatabase(readEnvironment(databaseEnvironmentSchema), 'api-query');
  const { answers, shared } = createAnswersCache(metrics, s3.config.credentials);
  const jobs = createDynamoJobStore({
    client: dynamodb,
    name: environment.JOBS_TABLE,
    clock: systemClock,
    keepSeconds: environment.RECORD_DAYS * DAY_SECONDS,
  });
  // From within the network there is no way to ElastiCache's API.
  const cacheMemory = createDynamoCapacityMemory(
    dynamodb,
    environment.JOBS_TABLE,
    'cache',
    cacheRecordSchema,
  );
  return {
    answers: queryAnswers({
      jobs,
      objects,
      datasets: createDynamoDatasetStore(dynamodb, environment.JOBS_TABLE),
      portfolios: createDynamoPortfolios(dynamodb, environment.JOBS_TABLE),
      answers,
      clock: systemClock,
      results: createResultReader(database),
      links: createS3DownloadLinks(s3, environment.DATA_BUCKET, systemClock),
      dependencies: [
        { name: 'jobs', optional: false, check: () => jobs.get(NO_JOB) },
        { name: 'files', optional: false, check: () => objects.head('reports/readiness', null) },
        {
          name: 'cache',
          optional: true,
          check: () => shared.ping(),
          capacity: async () => capacityOf((await cacheMemory.read()).value),
        },
        ...databaseDependencies(database),
      ],
      warn: (message, error) => log('warn', message, errorFields(error)),
    }),
    ...apiMiddlewares(dynamodb, environment.ACCESS_TABLE, metrics),
    metricsNamespace: environment.METRICS_NAMESPACE,
    flushMetrics: metrics.flush,
    corsOrigins: environment.CORS_ORIGINS,
  };
}

/** What the capacity controller has last seen of the cache; null before it first looked. */
function capacityOf(record: CacheRecord | null): Capacity | null {
  return record && { seenAt: new Date(record.memory.at).toISOString(), ...record.state };
}

/** Reads need any of its instances; only what is to be stored waits for the writer. */
function databaseDependencies(database: Database): Dependency[] {
  const demand = async (isUp: (latencies: Awaited<ReturnType<Database['ping']>>) => boolean) => {
    if (!isUp(await database.ping())) throw new Error('The database does not answer.');
  };
  return [
    {
      name: 'database',
      optional: false,
      check: () => demand(({ writer, reader }) => (writer ?? reader) !== null),
    },
    { name: 'database-writer', optional: true, check: () => demand(({ writer }) => writer !== null) },
  ];
}
