import { assertAllowed } from './caller.ts';
import type { Answer, ApiRequest, Middleware } from './exchange.ts';
import type { Problem } from './problem.ts';
import { problemOf, problemResponse } from './problem-response.ts';

export interface ApiOptions {
  /** What answers an operation; null when there is none. */
  readonly find: (operationId: string) => Answer | null;
  /** Around every answer, also where the token may not do what it asks; the outermost first. */
  readonly outermost?: readonly Middleware[];
  /** Around every answer to a request that its token may make, the outermost first. */
  readonly middlewares: readonly Middleware[];
  /** Told of every error that is answered with a 5xx. */
  readonly report: (problem: Problem, request: ApiRequest) => void;
}

/** Answers requests, and never rejects: checks the scope between the outermost middlewares and the others, then the verb. */
export function createApi({ find, outermost = [], middlewares, report }: ApiOptions): Answer {
  const safely =
    (answer: Answer): Answer =>
    async (request) => {
      try {
        return await answer(request);
      } catch (error) {
        const problem = problemOf(error);
        const response = problemResponse(problem, request.requestId);
        if (response.status >= 500) report(problem, request);
        return response;
      }
    };

  const within = (around: readonly Middleware[], answer: Answer): Answer =>
    around.reduceRight<Answer>(
      (next, middleware) => safely((request) => middleware(request, next)),
      safely(answer),
    );

  const permitted = within(middlewares, (request) => {
    const verb = find(request.route.operationId);
    if (verb === null) throw new Error(`Nothing answers ${request.route.operationId} here.`);
    return verb(request);
  });

  // Before an answer that is kept for a repeat, which another token of the tenant must not get.
  return within(outermost, async (request) => {
    assertAllowed(request);
    return permitted(request);
  });
}
