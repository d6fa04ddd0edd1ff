/** Names of the metrics that functions send, shared by code, alarms and dashboard. */
export const METRICS = {
  jobsSucceeded: 'JobsSucceeded',
  jobsFailed: 'JobsFailed',
  jobsCancelled: 'JobsCancelled',
  jobsExpired: 'JobsExpired',
  /** Seconds from creation to SUCCEEDED. */
  jobSeconds: 'JobSeconds',
  /** Seconds from the beginning of the work to SUCCEEDED, of data sets of the usual size. */
  standardJobSeconds: 'StandardJobSeconds',
  /** Jobs that took longer than they may since their work began, or failed by a fault of ours; not sent without any. */
  jobsOffObjective: 'JobsOffObjective',
  rowsScanned: 'RowsScanned',
  /** Bytes of input, as they are stored: packed ones count packed. */
  bytesScanned: 'BytesScanned',
  chunksScanned: 'ChunksScanned',
  /** Ranges scanned again because the guess of their first record was wrong. */
  chunksRescanned: 'ChunksRescanned',
  shardsAnalysed: 'ShardsAnalysed',
  itemsAnalysed: 'ItemsAnalysed',
  /** Items whose result was taken from an earlier analysis, because their daily totals had not changed. */
  itemsReused: 'ItemsReused',
  /** Attempts that failed and are tried again. */
  attemptsFailed: 'AttemptsFailed',
  /** Tasks given up after their last attempt. */
  tasksGivenUp: 'TasksGivenUp',
  /** Heavy analyses that had to wait for their tenant's turn. */
  jobsDelayed: 'JobsDelayed',
  /** Jobs whose messages the sweeper sent again. */
  jobsResumed: 'JobsResumed',
  /** Results that could not be put where they can be searched; the sweeper tries again. */
  resultsNotLoaded: 'ResultsNotLoaded',
  /** Ends of jobs that could not be put on their way to webhooks; the sweeper tries again. */
  endsNotAnnounced: 'EndsNotAnnounced',
  /** Uploads whose days could not be added to the history of their dataset; the sweeper tries again. */
  uploadsNotJoined: 'UploadsNotJoined',
  /** Messages in all dead-letter queues together, counted whenever the sweeper runs. */
  deadLetters: 'DeadLetters',
  /** Answers that a layer of the cache had, and those that had to be made. */
  cacheHits: 'CacheHits',
  cacheMisses: 'CacheMisses',
  /** Calls of the shared cache that failed, were late, or were not made because it had failed before. */
  cacheFailures: 'CacheFailures',
  /** Times that the shared cache was given up for a while. */
  cacheBreaks: 'CacheBreaks',
  cacheSeconds: 'CacheSeconds',
  /** Requests of which it could not be found out who sent them: answered with 500, for which the caller is not to blame. */
  authorizationsFailed: 'AuthorizationsFailed',
  /** Requests that were let through because the rate bucket of their token could not be asked. */
  rateLimitsSkipped: 'RateLimitsSkipped',
  /** Requests that were over the rate of their token. */
  requestsLimited: 'RequestsLimited',
  /** Answers that could not be kept for a repeat of their request. */
  answersUnkept: 'AnswersUnkept',
  webhooksDelivered: 'WebhooksDelivered',
  /** Attempts to deliver a webhook that failed, whether it is tried again or not. */
  webhookAttemptsFailed: 'WebhookAttemptsFailed',
  /** Webhooks that an event could not be delivered to for a day, or that are gone. */
  webhooksDisabled: 'WebhooksDisabled',
  /** Messages about deliveries that are gone, or whose webhook is: nothing is sent. */
  webhookDeliveriesDropped: 'WebhookDeliveriesDropped',
  /** Runs of the canary that found all well; that could not do what a customer does; that found other numbers than are right. */
  canaryPassed: 'CanaryPassed',
  canaryFailed: 'CanaryFailed',
  canaryWrong: 'CanaryWrong',
  canarySeconds: 'CanarySeconds',
  /**
   * The multiplier k of the workers' caps k·(10, 5, 1), and which would be enough for the load: to drain within a minute what
   * waits, and to have some that are not busy. Ten times the most that there may be stands for more.
   */
  capacityMultiplier: 'CapacityMultiplier',
  capacityWanted: 'CapacityWanted',
  capacityRaised: 'CapacityRaised',
  capacityLowered: 'CapacityLowered',
  /** Decisions for fewer workers than load wants, because of the database. */
  capacityHeldBack: 'CapacityHeldBack',
  /** Decisions that could not be carried out. */
  capacityFailed: 'CapacityFailed',
  /** Percent of its memory that a function has used at most since its environment started, of all functions together. */
  memoryUsed: 'MemoryUsed',
  /** What the cache may grow to. */
  cacheGigabytesAllowed: 'CacheGigabytesAllowed',
  cacheUnitsAllowed: 'CacheUnitsAllowed',
} as const;

/** Metrics of the requests to the API, of all together and by the dimension `Route`: the name of the operation. */
export const REQUEST_METRICS = {
  requests: 'ApiRequests',
  /** Milliseconds from API Gateway to the answer, but of answers that were held back on request. */
  latency: 'ApiLatency',
  /** Answers of 400 to 499, and of 500 and above; not sent while there are none. */
  clientErrors: 'ApiClientErrors',
  serverErrors: 'ApiServerErrors',
} as const;

export type MetricName = (typeof METRICS)[keyof typeof METRICS];
