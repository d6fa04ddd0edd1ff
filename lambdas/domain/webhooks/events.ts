/** What may be sent to whoever asked for it. There may be more of them one day. */
export const EVENT_TYPES = ['job.succeeded', 'job.failed', 'job.cancelled'] as const;

/** What is sent to a webhook that is being tried out, whatever else it is for. */
export const TEST_EVENT = 'test';
