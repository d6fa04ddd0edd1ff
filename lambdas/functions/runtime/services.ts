import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createDynamoInFlight } from '../../adapters/dynamodb-in-flight.ts';
import { createDynamoJobStore } from '../../adapters/dynamodb-job-store.ts';
import { createDynamoRateBucket } from '../../adapters/dynamodb-rate-bucket.ts';
import { createDynamoWebhooks } from '../../adapters/dynamodb-webhooks.ts';
import { type BufferedMetrics, createEmfMetrics } from '../../adapters/emf-metrics.ts';
import { createLambdaHistoryExporter } from '../../adapters/lambda-history-exporter.ts';
import { createLambdaResultLoader } from '../../adapters/lambda-result-loader.ts';
import { createS3ObjectStore } from '../../adapters/s3-object-store.ts';
import { createSnsAlerts } from '../../adapters/sns-alerts.ts';
import { createSqsDeliveryQueue } from '../../adapters/sqs-delivery-queue.ts';
import { createSqsWorkQueue } from '../../adapters/sqs-work-queue.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { environmentSchema, resultLoaderEnvironmentSchema } from '../../contracts/environment.ts';
import type { QueueName } from '../../contracts/messages.ts';
import type { PipelineContext } from '../../pipeline/context.ts';
import { DEFAULT_SETTINGS } from '../../pipeline/settings.ts';
import { writeLine } from './log.ts';

const DAY_SECONDS = 24 * 60 * 60;

/** What the functions work with. */
export interface Services {
  readonly pipeline: PipelineContext;
  readonly metrics: BufferedMetrics;
  readonly sqs: SQSClient;
  readonly queueUrls: Readonly<Record<QueueName, string>>;
}

let services: Services | undefined;

/** The services of this execution environment, made at the first call. @throws Error naming missing variables */
export function useServices(): Services {
  services ??= createServices();
  return services;
}

/** Writes what was measured; nothing was while there are no services. */
export function flushMetrics(): void {
  services?.metrics.flush();
}

/** The variables that a schema names. @throws Error naming those that are missing or wrong */
export function readEnvironment<T extends z.ZodObject>(schema: T): z.infer<T> {
  const environment = schema.safeParse(process.env);
  if (environment.success) return environment.data;
  throw new Error(`The environment of the function is not complete.\n${z.prettifyError(environment.error)}`);
}

function createServices(): Services {
  const environment = readEnvironment(environmentSchema);
  const clock = systemClock;
  const metrics = createEmfMetrics(environment.METRICS_NAMESPACE, clock, writeLine);
  const sqs = new SQSClient();
  const dynamodb = new DynamoDBClient();
  // A checksum cannot be verified of a part of an object, and costs more than the network does; TLS guards the bytes.
  const s3 = new S3Client({ responseChecksumValidation: 'WHEN_REQUIRED' });
  const besideDatabase = {
    client: new LambdaClient(),
    name: () => readEnvironment(resultLoaderEnvironmentSchema).STORE_RESULTS_FUNCTION,
  };
  const queueUrls = {
    analysis: environment.ANALYSIS_QUEUE_URL,
    signature: environment.SIGNATURE_QUEUE_URL,
    report: environment.REPORT_QUEUE_URL,
  };
  return {
    metrics,
    sqs,
    queueUrls,
    pipeline: {
      jobs: createDynamoJobStore({
        client: dynamodb,
        name: environment.JOBS_TABLE,
        clock,
        keepSeconds: environment.RECORD_DAYS * DAY_SECONDS,
      }),
      objects: createS3ObjectStore(s3, environment.DATA_BUCKET),
      queue: createSqsWorkQueue(sqs, queueUrls),
      rates: createDynamoRateBucket(dynamodb, environment.JOBS_TABLE, clock),
      inFlight: createDynamoInFlight(dynamodb, environment.JOBS_TABLE, clock),
      results: createLambdaResultLoader(besideDatabase),
      histories: createLambdaHistoryExporter(besideDatabase),
      webhooks: createDynamoWebhooks(dynamodb, environment.JOBS_TABLE, clock),
      deliveries: createSqsDeliveryQueue(sqs, environment.DELIVERY_QUEUE_URL),
      clock,
      metrics,
      alerts: createSnsAlerts(new SNSClient(), environment.ALERT_TOPIC_ARN),
      settings: {
        ...DEFAULT_SETTINGS,
        resultDays: environment.RESULT_DAYS,
        inFlightJobs: environment.TENANT_JOBS,
        inFlightBytes: environment.TENANT_BYTES,
        heavyPerMinute: environment.TENANT_HEAVY_PER_MINUTE,
      },
    },
  };
}
