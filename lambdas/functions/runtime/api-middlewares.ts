import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoIdempotency } from '../../adapters/dynamodb-idempotency.ts';
import { createDynamoRateBucket } from '../../adapters/dynamodb-rate-bucket.ts';
import { createLeasingRateBucket } from '../../adapters/leasing-rate-bucket.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { idempotency } from '../../http/idempotency.ts';
import { rateLimit } from '../../http/rate-limit.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { ApiFunction } from './api-handler.ts';
import { errorFields, log } from './log.ts';

/** What asking for a token of a bucket may add to a request, at most. */
const RATE_TIMEOUT_MS = 250;

/**
 * What goes around the answers of every function: the limit of requests around all of them, refusals too; answers to
 * requests that are sent again around those that the token may make.
 */
export function apiMiddlewares(
  dynamodb: DynamoDBClient,
  accessTable: string,
  metrics: Metrics,
): Pick<ApiFunction, 'outermost' | 'middlewares'> {
  return {
    outermost: [
      rateLimit({
        rates: createLeasingRateBucket(
          createDynamoRateBucket(dynamodb, accessTable, systemClock, RATE_TIMEOUT_MS),
          systemClock,
        ),
        metrics,
        onSkipped: (error) => log('warn', 'A request was not counted.', errorFields(error)),
      }),
    ],
    middlewares: [
      idempotency({
        store: createDynamoIdempotency(dynamodb, accessTable, systemClock),
        metrics,
        onUnkept: (error) => log('warn', 'An answer could not be kept.', errorFields(error)),
      }),
    ],
  };
}
