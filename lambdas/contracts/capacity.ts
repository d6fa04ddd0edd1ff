import * as z from 'zod';
import type { CacheMemory } from '../domain/capacity/cache.ts';
import type { Level } from '../domain/capacity/history.ts';
import type { WorkersMemory } from '../domain/capacity/workers.ts';

export { DATABASE_TARGETS, DRAIN_TARGET_SECONDS } from '../domain/capacity/measures.ts';

/** A poller that is kept ready hands work to ten workers, so that a number of pollers caps ten times as many of them. */
export const WORKERS_OF_POLLER = 10;

/** Longest that a run of the controller takes: Lambda then ends it. */
export const CONTROLLER_SECONDS = 30;

const name = z.string().min(1);
const multiplier = z.int().min(1);
const limitsSchema = z.strictObject({ gigabytes: z.int().min(1), unitsPerSecond: z.int().min(1) });

/** What the capacity controller watches and sets, and within which bounds. */
export const capacityPlanSchema = z.strictObject({
  workers: z.strictObject({
    least: multiplier,
    usual: multiplier,
    most: multiplier,
    step: multiplier,
    queues: z.record(
      z.string().regex(/^[a-z]+$/),
      z.strictObject({
        queueName: name,
        queueUrl: name,
        /** Whose invocations take the messages. */
        functionName: name,
        /** Id of the event source mapping between the two. */
        mapping: name,
        weight: z.int().min(1),
        promisedWaitSeconds: z.int().min(1),
      }),
    ),
  }),
  database: z.strictObject({
    cluster: name,
    hasReaders: z.boolean(),
    /** Null where connections go past it. */
    proxy: name.nullable(),
  }),
  cache: z.strictObject({ name, usual: limitsSchema, most: limitsSchema }),
});

export type CapacityPlan = Readonly<z.infer<typeof capacityPlanSchema>>;

/** The environment variables of the capacity controller. */
export const capacityEnvironmentSchema = z.object({
  JOBS_TABLE: name,
  METRICS_NAMESPACE: name,
  /** A plan as JSON: most of it is known no sooner than at deployment. */
  CAPACITY_PLAN: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(capacityPlanSchema),
});

export type CapacityEnvironment = Readonly<Record<keyof typeof capacityEnvironmentSchema.shape, string>>;

/** Partition of the jobs table in which the controller remembers what it decided; one record each. */
export const CAPACITY_PARTITION = 'capacity';

const time = z.number();
const levels: z.ZodType<readonly Level[]> = z.array(z.strictObject({ at: time, multiplier: z.number() }));

export const workersMemorySchema: z.ZodType<WorkersMemory> = z.strictObject({
  at: time,
  wishes: levels,
  levels,
});

const cacheMemorySchema: z.ZodType<CacheMemory> = z.strictObject({
  at: time,
  lowSince: z.strictObject({ gigabytes: time.nullable(), unitsPerSecond: time.nullable() }),
});

const amount = z.number().min(0).nullable();

/** The cache as it was last seen from where its state can be asked for. */
const cacheStateSchema = z.strictObject({
  /** ElastiCache's own word for it, such as `available`. */
  status: z.string(),
  limits: limitsSchema,
  /** Null when nothing was heard of it. */
  used: z.strictObject({ gigabytes: amount, unitsPerSecond: amount }),
});

export const cacheRecordSchema = z.strictObject({ memory: cacheMemorySchema, state: cacheStateSchema });
export type CacheRecord = Readonly<z.infer<typeof cacheRecordSchema>>;
