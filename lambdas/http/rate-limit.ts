import { METRICS } from '../contracts/metric-names.ts';
import type { TakeResult } from '../domain/job/token-bucket.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RateBucket } from '../ports/rate-bucket.ts';
import type { Caller, Middleware } from './exchange.ts';
import { Problem } from './problem.ts';

export interface RateLimitOptions {
  readonly rates: RateBucket;
  readonly metrics: Pick<Metrics, 'count'>;
  /** Told why a request was let through without being counted. */
  readonly onSkipped: (error: unknown) => void;
}

const POLICY = 'requests';
const WINDOW_SECONDS = 60;
/** A problem type that others have registered, so that clients know it from any API (draft-ietf-httpapi-ratelimit-headers). */
const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/**
 * Counts the requests of a token, and tells it in every answer what is left: `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers-10). When the bucket cannot be asked, requests pass.
 */
export function rateLimit({ rates, metrics, onSkipped }: RateLimitOptions): Middleware {
  async function take({ tenant, tokenId, requestsPerMinute }: Caller): Promise<TakeResult | null> {
    const rate = { capacity: requestsPerMinute, refillPerMinute: requestsPerMinute };
    try {
      return await rates.take(tenant, `${POLICY}#${tokenId}`, rate);
    } catch (error) {
      metrics.count(METRICS.rateLimitsSkipped);
      onSkipped(error);
      return null;
    }
  }

  return async (request, next) => {
    const { caller } = request;
    if (caller === null) return next(request);
    const taken = await take(caller);
    const headers = headersOf(caller, taken);
    if (taken?.taken === false) {
      metrics.count(METRICS.requestsLimited);
      throw new Problem(
        'quota_exceeded',
        `The token may make ${caller.requestsPerMinute} requests a minute.`,
        {
          type: QUOTA_EXCEEDED,
          headers: { ...headers, 'Retry-After': String(taken.retryAfterSeconds) },
          members: { 'violated-policies': [POLICY] },
        },
      );
    }
    const response = await next(request);
    return { ...response, headers: { ...response.headers, ...headers } };
  };
}

/** The limit, and unless it is not known what is left of it: requests now, and seconds until all are there again. */
function headersOf({ requestsPerMinute }: Caller, taken: TakeResult | null): Record<string, string> {
  return {
    'RateLimit-Policy': `"${POLICY}";q=${requestsPerMinute};w=${WINDOW_SECONDS}`,
    ...(taken !== null && { RateLimit: `"${POLICY}";r=${taken.remaining};t=${taken.fullAfterSeconds}` }),
  };
}
