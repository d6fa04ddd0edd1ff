/** Days a failed message is kept: the longest SQS allows, counted from when it was first sent. */
export const DEAD_LETTER_RETENTION_DAYS = 14;

export const WORK_QUEUE_NAMES = ['analysis', 'signature', 'report'] as const;

export type WorkQueueName = (typeof WORK_QUEUE_NAMES)[number];

interface WorkQueueSettings {
  /** Share of the worker concurrency. SQS has no priorities, so the weights of the three queues are shares. */
  readonly weight: number;
  /** Longest the consumer of a batch may run, in seconds; the queue's visibility timeout is derived from it. */
  readonly consumerTimeoutSeconds: number;
  /** Longest a message should wait for a worker, in seconds; the alarm rings at half of it. */
  readonly promisedWaitSeconds: number;
}

/** The three queues of the pipeline, the same on every stage; a stage only chooses the workers behind them. */
export const WORK_QUEUES: Readonly<Record<WorkQueueName, WorkQueueSettings>> = {
  // Looks at the head of a file and decides where it may be cut: short, and the first thing a user waits for.
  analysis: { weight: 10, consumerTimeoutSeconds: 60, promisedWaitSeconds: 120 },
  // Scans chunks and analyses shards. A chunk takes seconds, but a gzip file is one stream that cannot be cut and
  // may need the whole of Lambda's 15 minutes.
  signature: { weight: 5, consumerTimeoutSeconds: 900, promisedWaitSeconds: 900 },
  // Writes the files people download: one worker reads the results of all creatives, some hundred thousand at most.
  report: { weight: 1, consumerTimeoutSeconds: 300, promisedWaitSeconds: 120 },
};

/** Most workers that may run for a queue: its weight times the stage's multiplier k. */
export function workerCap(queue: WorkQueueName, multiplier: number): number {
  return WORK_QUEUES[queue].weight * multiplier;
}
