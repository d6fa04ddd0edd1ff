import type { MiddlewareObj } from '@middy/core';
import { HEARTBEAT, heartbeatSchema } from '../../contracts/heartbeat.ts';

/** Answers heartbeats at once, before anything else of the function sees, measures or counts them. */
export function answersHeartbeats<Event, Result>(): MiddlewareObj<Event, Result> {
  return {
    before: ({ event }) => (heartbeatSchema.safeParse(event).success ? HEARTBEAT : undefined),
  };
}
