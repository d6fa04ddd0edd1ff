import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDynamoDatasetStore } from '../../adapters/dynamodb-dataset-store.ts';
import { createDynamoDeletions } from '../../adapters/dynamodb-deletions.ts';
import { createDynamoJobStore } from '../../adapters/dynamodb-job-store.ts';
import { createDynamoPortfolios } from '../../adapters/dynamodb-portfolios.ts';
import { createDynamoTokens } from '../../adapters/dynamodb-tokens.ts';
import { createDynamoWebhooks } from '../../adapters/dynamodb-webhooks.ts';
import { createEmfMetrics } from '../../adapters/emf-metrics.ts';
import { createS3ObjectStore } from '../../adapters/s3-object-store.ts';
import { createS3UploadStore } from '../../adapters/s3-upload-store.ts';
import { createSqsDeliveryQueue } from '../../adapters/sqs-delivery-queue.ts';
import { createSqsWorkQueue } from '../../adapters/sqs-work-queue.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { controlAnswers } from '../../api/control.ts';
import { controlEnvironmentSchema } from '../../contracts/environment.ts';
import type { ApiFunction } from './api-handler.ts';
import { apiMiddlewares } from './api-middlewares.ts';
import { writeLine } from './log.ts';
import { readEnvironment } from './services.ts';

const DAY_SECONDS = 24 * 60 * 60;

/** The function behind jobs, datasets, tokens, webhooks and the API's own description. @throws Error naming missing variables */
export function createControl(): ApiFunction {
  const environment = readEnvironment(controlEnvironmentSchema);
  const clock = systemClock;
  const metrics = createEmfMetrics(environment.METRICS_NAMESPACE, clock, writeLine);
  const dynamodb = new DynamoDBClient();
  // A checksum of its own would be signed into addresses for bytes that nobody has yet.
  const s3 = new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const sqs = new SQSClient();
  const jobs = createDynamoJobStore({
    client: dynamodb,
    name: environment.JOBS_TABLE,
    clock,
    keepSeconds: environment.RECORD_DAYS * DAY_SECONDS,
  });
  return {
    answers: controlAnswers({
      jobs,
      objects: createS3ObjectStore(s3, environment.DATA_BUCKET),
      datasets: createDynamoDatasetStore(dynamodb, environment.JOBS_TABLE),
      deletions: createDynamoDeletions({ client: dynamodb, name: environment.JOBS_TABLE }),
      portfolios: createDynamoPortfolios(dynamodb, environment.JOBS_TABLE),
      uploads: createS3UploadStore(s3, environment.DATA_BUCKET, clock),
      queue: createSqsWorkQueue(sqs, { analysis: environment.ANALYSIS_QUEUE_URL }),
      clock,
      pause: async (milliseconds) => pause(milliseconds),
      tokens: createDynamoTokens(dynamodb, environment.ACCESS_TABLE, clock),
      webhooks: createDynamoWebhooks(dynamodb, environment.JOBS_TABLE, clock),
      deliveries: createSqsDeliveryQueue(sqs, environment.DELIVERY_QUEUE_URL),
      random: randomBytes,
    }),
    ...apiMiddlewares(dynamodb, environment.ACCESS_TABLE, metrics),
    metricsNamespace: environment.METRICS_NAMESPACE,
    flushMetrics: metrics.flush,
    corsOrigins: environment.CORS_ORIGINS,
  };
}
