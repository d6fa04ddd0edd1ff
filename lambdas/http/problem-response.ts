import { PROBLEMS, type ProblemCode } from '../contracts/problems.ts';
import { AnalysisError } from '../domain/errors.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { ApiResponse } from './exchange.ts';
import { Problem } from './problem.ts';

/** Codes whose remedy is to wait. */
const RETRY_SECONDS: Partial<Record<ProblemCode, number>> = {
  not_ready: 2,
  request_in_progress: 1,
  quota_exceeded: 10,
  unavailable: 5,
};

/**
 * What the caller is told of an error. Of one that nobody foresaw that is nothing but the request id, under which the
 * log has the rest.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof AnalysisError && error.code !== 'internal') {
    return new Problem(error.code, error.message, { remedy: error.remedy, cause: error });
  }
  if (error instanceof Unavailable) {
    const headers = { 'Retry-After': String(error.retryAfterSeconds) };
    return new Problem('unavailable', error.message, { cause: error, headers });
  }
  if (isPassing(error)) {
    return new Problem('unavailable', 'A store that the answer needs does not answer.', { cause: error });
  }
  return new Problem('internal', 'The request could not be answered.', { cause: error });
}

/** A refusal as a problem document (RFC 9457). */
export function problemResponse({ code, message, options }: Problem, requestId: string): ApiResponse {
  const { status, title, remedy, retryable } = PROBLEMS[code];
  const seconds = RETRY_SECONDS[code];
  return {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      ...(seconds !== undefined && { 'Retry-After': String(seconds) }),
      ...options.headers,
    },
    body: {
      type: options.type ?? `/docs/errors/${code}`,
      title,
      status,
      code,
      detail: message,
      remedy: options.remedy ?? remedy,
      retryable,
      requestId,
      ...(options.errors !== undefined && { errors: options.errors }),
      ...options.members,
    },
  };
}

/** Whether an error is one that services answer with while they are overloaded, or that comes of not reaching them. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'TimeoutError' || ('$fault' in error && error.$fault === 'server')) return true;
  return '$retryable' in error && error.$retryable !== undefined;
}
