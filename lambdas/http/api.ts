import { assertAllowed } from './caller.ts';
import type { Answer, ApiRequest, ApiResponse, Middleware } from './exchange.ts';
import type { Problem } from './problem.ts';
import { problemOf, problemResponse } from './problem-response.ts';

export interface ApiOptions {
  /** What answers an operation; null when there is none. */
  readonly find: (operationId: string) => Answer | null;
  /** Around every answer to an authorized request, the outermost first. */
  readonly middlewares: readonly Middleware[];
  /** Told of every error that is answered with a 5xx. */
  readonly report: (problem: Problem, request: ApiRequest) => void;
}

/** Answers requests, and never rejects: checks the scope, then middlewares, then the verb. */
export function createApi({ find, middlewares, report }: ApiOptions): Answer {
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

  const perform = safely((request) => {
    const verb = find(request.route.operationId);
    if (verb === null) throw new Error(`Nothing answers ${request.route.operationId} here.`);
    return verb(request);
  });

  const around = middlewares.reduceRight<Answer>(
    (next, middleware) => safely((request) => middleware(request, next)),
    perform,
  );

  return safely((request): Promise<ApiResponse> => {
    assertAllowed(request);
    return around(request);
  });
}
