import { queueHandler } from './runtime/queue-handler.ts';

/** Takes the analysis queue: accepts uploads, plans jobs, does small ones at once, confirms cancellations. */
export const handler = queueHandler('analysis');
