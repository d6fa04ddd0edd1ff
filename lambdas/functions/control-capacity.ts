import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { LambdaClient } from '@aws-sdk/client-lambda';
import middy from '@middy/core';
import * as z from 'zod';
import { createCloudWatchCapacityLoad } from '../adapters/cloudwatch-capacity-load.ts';
import { createDynamoCapacityMemory } from '../adapters/dynamodb-capacity-memory.ts';
import { createElastiCacheLimits } from '../adapters/elasticache-limits.ts';
import { type BufferedMetrics, createEmfMetrics } from '../adapters/emf-metrics.ts';
import { createEventSourceCaps } from '../adapters/lambda-event-source-caps.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { cacheRecordSchema, capacityEnvironmentSchema, workersMemorySchema } from '../contracts/capacity.ts';
import {
  type CacheContext,
  controlCache,
  controlWorkers,
  type WorkersContext,
} from '../pipeline/control-capacity.ts';
import type { CapacityLoad } from '../ports/capacity-load.ts';
import { errorFields, log, writeLine } from './runtime/log.ts';
import { named } from './runtime/observed.ts';
import { readEnvironment } from './runtime/services.ts';

interface Controller {
  readonly load: CapacityLoad;
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
      const load = await controller.load.read(trigger.at);
      // Neither shall keep the other from being done.
      const results = await Promise.allSettled([
        controlWorkers(controller.workers, trigger.at, load).then((decision) => tell(trigger, decision)),
        controlCache(controller.cache, trigger.at, load).then((decision) => tell(trigger, decision)),
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
    log('info', 'Another invocation decides at the same moment.', { trigger: by, at: time });
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
  const mappings = Object.entries(plan.workers.queues).map(([queue, { mapping }]) => [queue, mapping]);
  return {
    metrics,
    load: createCloudWatchCapacityLoad(new CloudWatchClient(), plan),
    workers: {
      metrics,
      plan: plan.workers,
      workers: createEventSourceCaps(new LambdaClient(), Object.fromEntries(mappings)),
      memory: createDynamoCapacityMemory(dynamodb, table, 'workers', workersMemorySchema),
    },
    cache: {
      metrics,
      plan: plan.cache,
      cache: createElastiCacheLimits(new ElastiCacheClient(), plan.cache.name),
      memory: createDynamoCapacityMemory(dynamodb, table, 'cache', cacheRecordSchema),
    },
  };
}
