import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { createDynamoJobStore } from '../../adapters/dynamodb-job-store.ts';
import { createEmfMetrics } from '../../adapters/emf-metrics.ts';
import { createS3ObjectStore } from '../../adapters/s3-object-store.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { type AnalyzeServices, analyzeObservations } from '../../api/analyze.ts';
import { type DeferServices, deferAnalysis } from '../../api/defer-analysis.ts';
import { apiEnvironmentSchema } from '../../contracts/environment.ts';
import { createAnswersCache } from './answers-cache.ts';
import type { ApiFunction } from './api-handler.ts';
import { apiMiddlewares } from './api-middlewares.ts';
import { writeLine } from './log.ts';
import { readEnvironment } from './services.ts';

const DAY_SECONDS = 24 * 60 * 60;

/** The function behind `POST /api/analyze`. @throws Error naming missing variables */
export function createAnalyze(): ApiFunction {
  const environment = readEnvironment(apiEnvironmentSchema);
  const metrics = createEmfMetrics(environment.METRICS_NAMESPACE, systemClock, writeLine);
  const dynamodb = new DynamoDBClient();
  const s3 = new S3Client();
  const { answers } = createAnswersCache(metrics, s3.config.credentials);
  const deferring: DeferServices = {
    jobs: createDynamoJobStore({
      client: dynamodb,
      name: environment.JOBS_TABLE,
      clock: systemClock,
      keepSeconds: environment.RECORD_DAYS * DAY_SECONDS,
    }),
    objects: createS3ObjectStore(s3, environment.DATA_BUCKET),
    clock: systemClock,
    pause: async (milliseconds) => pause(milliseconds),
  };
  const services: AnalyzeServices = {
    answers,
    defer: (request, content) => deferAnalysis(deferring, request, content),
  };
  return {
    answers: new Map([['analyze', (request) => analyzeObservations(services, request)]]),
    ...apiMiddlewares(dynamodb, environment.ACCESS_TABLE, metrics),
    metricsNamespace: environment.METRICS_NAMESPACE,
    flushMetrics: metrics.flush,
    corsOrigins: environment.CORS_ORIGINS,
  };
}
