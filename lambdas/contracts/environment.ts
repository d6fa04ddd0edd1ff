import * as z from 'zod';

const name = z.string().min(1);
const positive = z.coerce.number().int().min(1);
const days = positive;

/**
 * The environment variables of the pipeline's functions. Stacks fill them from this one schema, so that a forgotten
 * variable is a compile error and not a failed call.
 */
export const environmentSchema = z.object({
  DATA_BUCKET: name,
  JOBS_TABLE: name,
  ANALYSIS_QUEUE_URL: z.url(),
  SIGNATURE_QUEUE_URL: z.url(),
  REPORT_QUEUE_URL: z.url(),
  /** Where what webhooks are to be told waits for its delivery. */
  DELIVERY_QUEUE_URL: z.url(),
  ALERT_TOPIC_ARN: name,
  /** The deployment's name: dev and production may share an account. */
  METRICS_NAMESPACE: name,
  /** Days that reports are kept. */
  RESULT_DAYS: days,
  /** Days that events, commits and failed jobs are kept. */
  RECORD_DAYS: days,
  /** Most jobs of a tenant that run at a time, most bytes of them together, and large ones that start within a minute. */
  TENANT_JOBS: positive,
  TENANT_BYTES: positive,
  TENANT_HEAVY_PER_MINUTE: positive,
});

/** What the redriving function needs besides. */
export const deadLettersEnvironmentSchema = z.object({
  ANALYSIS_DEAD_LETTERS_URL: z.url(),
  SIGNATURE_DEAD_LETTERS_URL: z.url(),
  REPORT_DEAD_LETTERS_URL: z.url(),
});

/** What the sweeper needs besides: every queue that messages are given up to. */
export const sweepEnvironmentSchema = deadLettersEnvironmentSchema.extend({
  DELIVERY_DEAD_LETTERS_URL: z.url(),
  /** Where EventBridge leaves uploads that it could not tell the analysis queue of. */
  UNDELIVERED_UPLOADS_URL: z.url(),
});

/** What every function behind the API needs. */
export const apiEnvironmentSchema = z.object({
  DATA_BUCKET: name,
  JOBS_TABLE: name,
  ACCESS_TABLE: name,
  METRICS_NAMESPACE: name,
  RECORD_DAYS: days,
  /** Origins whose pages may read answers, separated by spaces. */
  CORS_ORIGINS: z.string().transform((text) => text.split(' ').filter((origin) => origin !== '')),
});

/** What the function behind jobs, datasets, tokens and webhooks needs. */
export const controlEnvironmentSchema = apiEnvironmentSchema.extend({
  ANALYSIS_QUEUE_URL: z.url(),
  DELIVERY_QUEUE_URL: z.url(),
});

/** What the function needs that delivers to webhooks. */
export const deliveryEnvironmentSchema = environmentSchema.pick({
  JOBS_TABLE: true,
  DELIVERY_QUEUE_URL: true,
  METRICS_NAMESPACE: true,
});

/** What the function needs that deletes datasets and tenants. */
export const purgeEnvironmentSchema = environmentSchema
  .pick({ DATA_BUCKET: true, JOBS_TABLE: true, RECORD_DAYS: true })
  .extend({ ACCESS_TABLE: name });

/** What the functions that plan and end jobs need besides: the one that comes to the database for them. */
export const resultLoaderEnvironmentSchema = z.object({ STORE_RESULTS_FUNCTION: name });

/** The variables as a stack sets them. */
type EnvironmentOf<T extends z.ZodObject> = Readonly<Record<keyof T['shape'] & string, string>>;
export type PipelineEnvironment = EnvironmentOf<typeof environmentSchema>;
export type ApiEnvironment = EnvironmentOf<typeof apiEnvironmentSchema>;
export type ControlEnvironment = EnvironmentOf<typeof controlEnvironmentSchema>;
export type DeliveryEnvironment = EnvironmentOf<typeof deliveryEnvironmentSchema>;
export type PurgeEnvironment = EnvironmentOf<typeof purgeEnvironmentSchema>;
export type DeadLettersEnvironment = EnvironmentOf<typeof deadLettersEnvironmentSchema>;
export type SweepEnvironment = EnvironmentOf<typeof sweepEnvironmentSchema>;
