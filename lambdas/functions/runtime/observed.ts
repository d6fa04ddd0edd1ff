import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { errorFields, log, loggedAs } from './log.ts';
import { writeMemory } from './memory.ts';
import { flushMetrics } from './services.ts';

type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/** A handler whose lines all name the invocation, under which Lambda has its own, and which tells of its memory. */
export function named<Event, Result>(handle: Handler<Event, Result>): Handler<Event, Result> {
  return (event, context) =>
    loggedAs({ lambdaRequestId: context.awsRequestId }, () => handle(event, context).finally(writeMemory));
}

/** A handler that writes its metrics when it is over, however it ended, and the error it ended with. */
export function observed<Event, Result>(handle: Handler<Event, Result>): Handler<Event, Result> {
  const observing = middy<Event, Result>()
    .use({
      after: flushMetrics,
      onError: ({ error }) => {
        log('error', 'The invocation failed.', errorFields(error));
        flushMetrics();
      },
    })
    .handler(handle);
  return named((event, context) => observing(event, context));
}
