/** Names of the metrics that the pipeline sends, shared by code, alarms and dashboard. */
export const METRICS = {
  jobsSucceeded: 'JobsSucceeded',
  jobsFailed: 'JobsFailed',
  jobsCancelled: 'JobsCancelled',
  jobsExpired: 'JobsExpired',
  /** Seconds from creation to SUCCEEDED. */
  jobSeconds: 'JobSeconds',
  rowsScanned: 'RowsScanned',
  chunksScanned: 'ChunksScanned',
  /** Ranges scanned again because the guess of their first record was wrong. */
  chunksRescanned: 'ChunksRescanned',
  shardsAnalysed: 'ShardsAnalysed',
  itemsAnalysed: 'ItemsAnalysed',
  /** Attempts that failed and are tried again. */
  attemptsFailed: 'AttemptsFailed',
  /** Tasks given up after their last attempt. */
  tasksGivenUp: 'TasksGivenUp',
  /** Heavy analyses that had to wait for their tenant's turn. */
  jobsDelayed: 'JobsDelayed',
  /** Jobs whose messages the sweeper sent again. */
  jobsResumed: 'JobsResumed',
} as const;

export type MetricName = (typeof METRICS)[keyof typeof METRICS];
