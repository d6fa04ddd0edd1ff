import type { MiddlewareObj } from '@middy/core';
import { errorFields, log } from './log.ts';
import { flushMetrics } from './services.ts';

/** Writes the metrics of an invocation when it is over, however it ended, and the error it ended with. */
export function observed<Event, Result>(): MiddlewareObj<Event, Result> {
  return {
    after: flushMetrics,
    onError: ({ error, context }) => {
      log('error', 'The invocation failed.', { requestId: context.awsRequestId, ...errorFields(error) });
      flushMetrics();
    },
  };
}
