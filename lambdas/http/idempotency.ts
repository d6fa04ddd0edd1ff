import { METRICS } from '../contracts/metric-names.ts';
import { fingerprintOf } from '../domain/access/fingerprint.ts';
import type { Attempt, IdempotencyStore } from '../ports/idempotency-store.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Answer, ApiRequest, ApiResponse, Middleware } from './exchange.ts';
import { answerFrom, textOf } from './kept-answer.ts';
import { Problem } from './problem.ts';

export interface IdempotencyOptions {
  readonly store: IdempotencyStore;
  readonly metrics: Pick<Metrics, 'count'>;
  /** Told why the answer to a request could not be kept, for which nobody is refused it. */
  readonly onUnkept: (error: unknown) => void;
}

const HEADER = 'Idempotency-Key';
const KEY = /^[\x20-\x7e]{1,255}$/;
/** A function may be at a request so long after its deadline. */
const LEASE_MARGIN_MS = 5000;
/** What says nothing about the request that would hold tomorrow: wrong, not allowed yet, too early, too many. */
const PASSING_STATUSES: readonly number[] = [400, 401, 409, 429];

/**
 * Answers a POST that is sent again with the same `Idempotency-Key` as the first time, without doing it again: the answer
 * is kept for 24 hours, with `Idempotency-Replayed: true` on every further one.
 *
 * @throws Problem `idempotency_key_reused` when another request has the key, `request_in_progress` while the first is
 *   being answered
 */
export function idempotency(options: IdempotencyOptions): Middleware {
  return async (request, next) => {
    const key = request.headers[HEADER.toLowerCase()];
    if (request.caller === null || request.route.method !== 'POST' || key === undefined) return next(request);
    if (!KEY.test(key)) throw invalidKey();
    const attempt = { tenant: request.caller.tenant, key, id: request.requestId };
    const fingerprint = fingerprintOf({ ...request, method: request.route.method });
    const claim = await options.store.claim(attempt, fingerprint, request.deadline + LEASE_MARGIN_MS);
    switch (claim.state) {
      case 'claimed':
        return perform(options, attempt, request, next);
      case 'repeat':
        return next(request);
      case 'answered':
        return replayed(answerFrom(claim.answer));
      case 'in_progress':
        throw new Problem('request_in_progress', 'The first request with this key is still being answered.');
      case 'other_request':
        throw new Problem('idempotency_key_reused', 'The key was sent with another path or body before.');
    }
  };
}

async function perform(
  { store, metrics, onUnkept }: IdempotencyOptions,
  attempt: Attempt,
  request: ApiRequest,
  next: Answer,
): Promise<ApiResponse> {
  const response = await next(request);
  try {
    if (isPassing(response)) await store.release(attempt);
    else await store.keep(attempt, keptText(response));
  } catch (error) {
    // The work is done; until the claim ends a repeat is told to wait, and then it does the work again.
    metrics.count(METRICS.answersUnkept);
    onUnkept(error);
  }
  return response;
}

function isPassing({ status }: ApiResponse): boolean {
  return status >= 500 || PASSING_STATUSES.includes(status);
}

/** What is kept of an answer; null when a repeat is to be worked out again. */
function keptText({ replay = 'answer', ...response }: ApiResponse): string | null {
  if (replay === 'repeat') return null;
  return textOf(replay === 'answer' ? response : { ...response, body: replay.body });
}

function replayed(response: ApiResponse): ApiResponse {
  return { ...response, headers: { ...response.headers, 'Idempotency-Replayed': 'true' } };
}

function invalidKey(): Problem {
  const detail = 'has to be 1 to 255 visible ASCII characters';
  return new Problem('invalid_request', `${HEADER} ${detail}.`, { errors: [{ pointer: HEADER, detail }] });
}
