import { queueHandler } from './runtime/queue-handler.ts';

/** Takes the report queue: writes what people download. */
export const handler = queueHandler('report');
