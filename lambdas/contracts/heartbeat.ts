import * as z from 'zod';

/**
 * What a schedule sends to functions that have environments ready, so that these go on telling how many are in use. Lambda
 * says nothing of a function that nobody calls, and environments of which nothing is known are neither given back nor
 * free of charge.
 */
export const HEARTBEAT = { heartbeat: true } as const;

/** Nothing else: whatever API Gateway sends has more to it, so no request can be taken for a heartbeat. */
export const heartbeatSchema = z.strictObject({ heartbeat: z.literal(true) });
