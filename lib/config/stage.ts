import { z } from 'zod';
import { DEAD_LETTER_RETENTION_DAYS } from './work-queues.ts';

export const STAGE_NAMES = ['dev', 'phase1', 'phase2', 'phase3', 'phase4'] as const;

const days = z.int().min(1).max(3650);

// A message in a dead-letter queue only names its input, so the input has to live at least as long as the message
// can wait to be sent again.
const daysOutlivingDeadLetters = days.min(DEAD_LETTER_RETENTION_DAYS);

/** Aurora capacity units, each about 2 GiB of memory with the processors that go with it. */
const capacityUnits = z.number().multipleOf(0.5).max(256);

const databaseSchema = z
  .strictObject({
    /** 0 lets the cluster pause when nobody is connected; the first connection then waits some 15 s. */
    minCapacity: capacityUnits.min(0),
    maxCapacity: capacityUnits.min(1),
    /** Readers beside the writer. The first is as large as the writer, so that it can take its place at once. */
    readers: z.int().min(0).max(15),
    /** Whether connections go through RDS Proxy. It keeps some open, so that the cluster never pauses. */
    proxy: z.boolean(),
    backupDays: z.int().min(1).max(35),
    /** Database Insights: which statements wait for what, kept for a week. It wants 2 units of its own at least. */
    insights: z.boolean(),
  })
  .refine(({ minCapacity, maxCapacity }) => minCapacity <= maxCapacity, 'minCapacity exceeds maxCapacity')
  .refine(({ minCapacity, proxy }) => minCapacity > 0 || !proxy, 'a cluster behind a proxy never pauses')
  .refine(({ readers, proxy }) => readers > 0 || !proxy, 'a read-only endpoint needs a reader');

/** An OpenID Connect issuer, and where its tokens say what we want to know. */
const identityProviderSchema = z.strictObject({
  /** As the claim `iss` has it, byte for byte. */
  issuer: z.url({ protocol: /^https$/ }),
  audience: z.string().min(1),
  /** Where it publishes its keys (JWKS). */
  keysUrl: z.url({ protocol: /^https$/ }),
  claims: z.strictObject({ tenant: z.string().min(1), scopes: z.string().min(1) }),
  /** What it writes before `read`, `write` and `admin`, such as `creative-dynamics/`. */
  scopePrefix: z.string(),
});

/** What a stage decides. Everything that is the same on every stage stands beside the resource instead. */
export const stageSchema = z.strictObject({
  name: z.enum(STAGE_NAMES),
  /**
   * Prefix of every stack name. The phases share one, because they are the same system growing: going from one to
   * the next updates the stacks in place. 30 characters, because the cache and its user are named after it, and may have 40.
   */
  deployment: z
    .string()
    .max(30)
    .regex(/^[a-z](-?[a-z0-9])+$/),
  /** Whether data survives a mistake: stores are retained on deletion, and their stacks refuse to be deleted. */
  keepsData: z.boolean(),
  /** k of the worker caps k·(10, 5, 1). Lambda's smallest cap is 2 and its largest 1,000, hence the bounds. */
  workerMultiplier: z.int().min(2).max(100),
  /** Days until objects expire, by prefix of the data bucket, and the days the bucket's access log is kept. */
  retentionDays: z.strictObject({
    uploads: daysOutlivingDeadLetters,
    payloads: daysOutlivingDeadLetters,
    partials: daysOutlivingDeadLetters,
    results: days,
    reports: days,
    accessLogs: days,
  }),
  api: z.strictObject({
    /** What a token may call that says nothing of its own. */
    requestsPerMinute: z.int().min(1).max(1_000_000),
    /** Requests a second that API Gateway lets through, and how many at once; the account's own limits come after. */
    throttle: z.strictObject({ rate: z.int().min(1).max(10_000), burst: z.int().min(1).max(5000) }),
    /** Origins whose pages may call the API from a browser. The dashboard shares the API's origin and is none. */
    corsOrigins: z.array(z.url()),
    /** Whose JWTs count beside our own tokens; null when nobody's. */
    identityProvider: identityProviderSchema.nullable(),
  }),
  /** The Aurora cluster. */
  database: databaseSchema,
  /** Most that the cache may grow to: each is a bill as much as a capacity. */
  cache: z.strictObject({
    /** Gigabytes (10⁹ bytes) of values. */
    maxGigabytes: z.int().min(1).max(5000),
    /** ElastiCache processing units a second: about one for a simple command with a kilobyte. */
    maxUnitsPerSecond: z.int().min(1000).max(15_000_000),
  }),
  /** Days that logs are kept, of functions and the rest; CloudWatch takes these and some more. */
  logRetentionDays: z.literal([7, 14, 30, 90, 180, 365]),
});

export type Stage = z.infer<typeof stageSchema>;
