import { z } from 'zod';
import { mostConcurrency } from './account-concurrency.ts';
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
    /**
     * Readers beside the writer: those of the template, of which the first is as large as the writer, so that it can take
     * its place at once, and how many there may be with those that load adds.
     */
    readers: z.strictObject({ fixed: z.int().min(0).max(15), most: z.int().min(0).max(15) }),
    /** Whether connections go through RDS Proxy. It keeps some open, so that the cluster never pauses. */
    proxy: z.boolean(),
    backupDays: z.int().min(1).max(35),
    /** Database Insights: which statements wait for what, kept for a week. It wants 2 units of its own at least. */
    insights: z.boolean(),
  })
  .refine(({ minCapacity, maxCapacity }) => minCapacity <= maxCapacity, 'minCapacity exceeds maxCapacity')
  .refine(({ minCapacity, proxy }) => minCapacity > 0 || !proxy, 'a cluster behind a proxy never pauses')
  .refine(({ readers, proxy }) => readers.fixed > 0 || !proxy, 'a read-only endpoint needs a reader')
  .refine(({ readers }) => readers.fixed <= readers.most, 'there are more fixed readers than there may be')
  .refine(({ readers }) => readers.fixed + readers.most <= 15, 'Aurora has 15 readers at most')
  // Aurora counts the readers it adds from those that are there, and starts with none.
  .refine(({ readers }) => readers.fixed > 0 || readers.most === 0, 'readers are only added to a reader');

/** k of the worker caps k·(10, 5, 1). Lambda's smallest cap is 2 and its largest 1,000, hence the bounds. */
const multiplier = z.int().min(2).max(100);

const workersSchema = z
  .strictObject({
    /** As far as workers give way to a database that suffers. */
    least: multiplier,
    /** What a deployment sets, and what is gone back to when the work is done: a small job must not wait for an alarm. */
    usual: multiplier,
    /** As far as a backlog may raise it. */
    most: multiplier,
    /**
     * Pollers of the queue of large jobs that are always ready, each for ten workers, and are paid for; null without. They
     * take up work faster than Lambda's own, and stand in for that queue's cap.
     */
    readyPollers: z.int().min(2).max(10).nullable(),
  })
  .refine(({ least, usual, most }) => least <= usual && usual <= most, 'least ≤ usual ≤ most does not hold')
  .refine(
    ({ least, usual, most, readyPollers }) =>
      readyPollers === null ||
      [least, usual, most].every((each) => each % multiplierStep({ readyPollers }) === 0),
    'the workers of a queue with ready pollers are no multiple of ten',
  )
  // That many are there whatever is set.
  .refine(
    ({ least, readyPollers }) =>
      readyPollers === null || multiplierStep({ readyPollers }) * readyPollers <= least,
    'there are more ready pollers than least allows',
  );

/** The steps of k in which all caps are whole: a poller for ten workers takes two of k, with five workers each. */
export function multiplierStep({ readyPollers }: { readonly readyPollers: number | null }): number {
  return readyPollers === null ? 1 : 2;
}

const concurrency = z.int().min(1).max(1000);
const range = z
  // Not one: heartbeats, which are there so that idle environments are given back, would be all that it can take.
  .strictObject({ min: concurrency.min(2), max: concurrency })
  .refine(({ min, max }) => min <= max, 'min exceeds max');

/** Functions that callers of the API wait for. */
export const API_FUNCTIONS = ['control', 'query', 'analyze', 'authorizer'] as const;

export type ApiFunctionName = (typeof API_FUNCTIONS)[number];

function ofApiFunctions<T extends z.ZodType>(each: T) {
  return z.strictObject({ control: each, query: each, analyze: each, authorizer: each });
}

/** What the cache may grow to: each is a bill as much as a capacity. */
const cacheLimitsSchema = z.strictObject({
  /** Gigabytes (10⁹ bytes) of values. */
  gigabytes: z.int().min(1).max(5000),
  /** ElastiCache processing units a second: about one for a simple command with a kilobyte. */
  unitsPerSecond: z.int().min(1000).max(15_000_000),
});

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

const stageFields = z.strictObject({
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
  workers: workersSchema,
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
    /** Execution environments that are kept ready, moved between the bounds by load; null when all start cold. */
    provisioned: ofApiFunctions(range).nullable(),
    /**
     * Share of the account's concurrency that nobody else can take, and that is not exceeded. A fresh account has none to
     * give away: 100 always stay unreserved.
     */
    reserved: ofApiFunctions(concurrency).nullable(),
    /** Requests from one address within five minutes, over which the firewall turns it away; null without a firewall. */
    requestsPerAddress: z.int().min(100).max(2_000_000).nullable(),
  }),
  /** The Aurora cluster. */
  database: databaseSchema,
  /** Limits of the cache that a deployment sets, and those that load may raise them to. */
  cache: z
    .strictObject({ usual: cacheLimitsSchema, most: cacheLimitsSchema })
    .refine(
      ({ usual, most }) => usual.gigabytes <= most.gigabytes && usual.unitsPerSecond <= most.unitsPerSecond,
      'usual exceeds most',
    ),
  /** What a tenant may have running at a time; more waits for its turn. */
  quotas: z.strictObject({
    jobs: z.int().min(1).max(10_000),
    gigabytes: z.int().min(1).max(100_000),
    /** Large analyses that may begin within a minute. */
    heavyPerMinute: z.int().min(1).max(1000),
  }),
  alarms: z.strictObject({
    /** Whether somebody is woken. Where nobody is, alarms are seen on the dashboard. */
    page: z.boolean(),
    /** Milliseconds that 95 of 100 answers of the API take at most. */
    p95Milliseconds: z.int().min(50).max(10_000),
    /** Executions at a time that Lambda allows the account. It is asked for in days, so before the stage is deployed. */
    accountConcurrency: z.int().min(10).max(100_000),
  }),
  /** Lines below it are not written. */
  logLevel: z.enum(['debug', 'info', 'warn']),
  /** Days that logs are kept, of functions and the rest; CloudWatch takes these and some more. */
  logRetentionDays: z.literal([7, 14, 30, 90, 180, 365]),
  /** Dollars a month, of which somebody is told who pays more, or will. */
  budgetDollars: z.int().min(1).max(1_000_000),
});

/** What a stage decides. Everything that is the same on every stage stands beside the resource instead. */
export const stageSchema = stageFields
  .refine((stage) => mostConcurrency(stage) <= stage.alarms.accountConcurrency, 'the account allows less')
  .refine(
    ({ api: { provisioned, reserved } }) =>
      provisioned === null ||
      reserved === null ||
      API_FUNCTIONS.every((name) => provisioned[name].max <= reserved[name]),
    'more environments are kept ready than may run',
  );

export type Stage = z.infer<typeof stageSchema>;
