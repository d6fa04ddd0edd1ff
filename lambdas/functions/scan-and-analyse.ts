import { queueHandler } from './runtime/queue-handler.ts';

/** Takes the signature queue: scans chunks and analyses shards. */
export const handler = queueHandler('signature');
