import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import * as z from 'zod';
import {
  createCloudWatchCacheLoad,
  createCloudWatchWorkersLoad,
} from '../adapters/cloudwatch-capacity-load.ts';
import { createDynamoCapacityMemory } from '../adapters/dynamodb-capacity-memory.ts';
import { createElastiCacheLimits } from '../adapters/elasticache-limits.ts';
import { type BufferedMetrics, createEmfMetrics } from '../adapters/emf-metrics.ts';
import { createEventSourceCaps } from '../adapters/lambda-event-source-caps.ts';
import { createSqsQueueDepths } from '../adapters/sqs-queue-depths.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { cacheRecordSchema, capacityEnvironmentSchema, workersMemorySchema } from '../contracts/capacity.ts';
import {
  type CacheContext,
  controlCache,
  controlWorkers,
  type WorkersContext,
} from '../pipeline/control-capacity.ts';
import { errorFields, log, writeLine } from './runtime/log.ts';
import { named } from './runtime/observed.ts';
import { readEnvironment } from './runtime/services.ts';

interface Controller {
  readonly workers: WorkersContext;
  readonly cache: CacheContext;
  readonly metrics: BufferedMetrics;
}

/** What called, and when that was by the clock that metrics are told by. */
interface Trigger {
  readonly at: number;
  readonly by: string;
}

const scheduleSchema = z
  .object({ 'detail-type': z.literal('Scheduled Event'), time: z.iso.datetime() })
  .transform(({ time }): Trigger => ({ at: Date.parse(time), by: 'schedule' }));

/** CloudWatch writes the zone of its times without a colon. */
const alarmTime = z
  .string()
  .transform((time) => time.replace(/\+0000$/, 'Z'))
  .pipe(z.iso.datetime());

const alarmSchema = z
  .object({
    source: z.literal('aws.cloudwatch'),
    alarmData: z.object({ alarmName: z.string(), state: z.object({ timestamp: alarmTime }) }),
  })
  .transform(
    ({ alarmData: { alarmName, state } }): Trigger => ({ at: Date.parse(state.timestamp), by: alarmName }),
  );

const triggerSchema = z.union([scheduleSchema, alarmSchema]);

let controller: Controller | undefined;

/** Decides how many workers there may be and what the cache may grow to: every minute, and at once when an alarm says so. */
export const handler = named(
  middy<unknown, void>()
    .use({
      after: () => controller?.metrics.flush(),
      onError: ({ error }) => {
        log('error', 'The invocation failed.', errorFields(error));
        controller?.metrics.flush();
      },
    })
    .handler(async (event) => {
      const trigger = triggerSchema.parse(event);
      controller ??= createController();
      // Neither shall keep the other from being done.
      const results = await Promise.allSettled([
        controlWorkers(controller.workers, trigger.at).then((decision) => tell(trigger, decision)),
        controlCache(controller.cache, trigger.at).then((decision) => tell(trigger, decision)),
      ]);
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      if (failures.length > 0) throw new AggregateError(failures, 'Capacity could not be controlled.');
    }),
);

/** One line a decision, also of one that changes nothing; without what is only for the next. */
function tell<T extends { readonly sentence: string; readonly memory: unknown }>(
  { by, at }: Trigger,
  decided: T | null,
): void {
  const time = new Date(at).toISOString();
  if (decided === null) {
    log('info', 'Another invocation is at it.', { trigger: by, at: time });
    return;
  }
  const { sentence, memory: _forNext, ...decision } = decided;
  log('info', sentence, { trigger: by, ...decision, at: time });
}

function createController(): Controller {
  const environment = readEnvironment(capacityEnvironmentSchema);
  const { JOBS_TABLE: table, METRICS_NAMESPACE, CAPACITY_PLAN: plan } = environment;
  const dynamodb = new DynamoDBClient();
  const metrics = createEmfMetrics(METRICS_NAMESPACE, systemClock, writeLine);
  const cloudWatch = new CloudWatchClient();
  // A change that hangs would leave no time to put the others back.
  const lambda = new LambdaClient({ requestHandler: { requestTimeout: 3000, throwOnRequestTimeout: true } });
  const ofQueues = (field: 'mapping' | 'queueUrl') =>
    Object.fromEntries(Object.entries(plan.workers.queues).map(([queue, each]) => [queue, each[field]]));
  return {
    metrics,
    workers: {
      metrics,
      plan: plan.workers,
      workers: createEventSourceCaps(lambda, ofQueues('mapping')),
      memory: createDynamoCapacityMemory(dynamodb, table, 'workers', workersMemorySchema),
      measuring: {
        queues: createSqsQueueDepths(new SQSClient(), ofQueues('queueUrl')),
        load: createCloudWatchWorkersLoad(cloudWatch, plan),
      },
      clock: systemClock,
    },
    cache: {
      metrics,
      plan: plan.cache,
      cache: createElastiCacheLimits(new ElastiCacheClient(), plan.cache.name),
      memory: createDynamoCapacityMemory(dynamodb, table, 'cache', cacheRecordSchema),
      load: createCloudWatchCacheLoad(cloudWatch, plan.cache),
    },
  };
}
