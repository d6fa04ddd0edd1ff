import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { requestLine } from '../../adapters/emf-requests.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { traceIdOf } from '../../adapters/trace-header.ts';
import { idOf } from '../../domain/job/job-id.ts';
import { createApi } from '../../http/api.ts';
import { corsHeaders } from '../../http/cors.ts';
import type { Answer, ApiRequest, ApiResponse, Middleware } from '../../http/exchange.ts';
import { Problem } from '../../http/problem.ts';
import { problemOf, problemResponse } from '../../http/problem-response.ts';
import { headersOf, proxyResultOf, requestOf, routeOf } from '../../http/proxy.ts';
import { toWire } from '../../http/response.ts';
import { answersHeartbeats } from './heartbeats.ts';
import { errorFields, log, loggedAs, writeLine } from './log.ts';
import { writeMemory } from './memory.ts';

/** What a function of the API is made of, at its first request. */
export interface ApiFunction {
  /** What answers each operation, by name. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** Around every answer, and around those to requests that may be made. */
  readonly outermost: readonly Middleware[];
  readonly middlewares: readonly Middleware[];
  readonly metricsNamespace: string;
  /** Writes what was measured besides. */
  readonly flushMetrics: () => void;
  /** Origins whose pages may read answers; none by default. */
  readonly corsOrigins: readonly string[];
}

/** What is left of a request's time for writing the answer down. */
const MARGIN_MS = 500;

/** The handler of a function of the API: every event of API Gateway gets an answer, whatever goes wrong. */
export function apiHandler(create: () => ApiFunction) {
  let created: (ApiFunction & { readonly api: Answer }) | undefined;
  const use = () => {
    created ??= withApi(create());
    return created;
  };

  async function send(event: APIGatewayProxyEvent, context: Context, response: ApiResponse) {
    const { metricsNamespace, corsOrigins, flushMetrics } = use();
    const headers = headersOf(event);
    const head = { method: event.httpMethod, requestId: requestIdOf(event), headers };
    const cors = { ...response.headers, ...corsHeaders(corsOrigins, headers['origin']) };
    const wire = toWire(head, { ...response, headers: cors });
    const { requestId, requestTimeEpoch, authorizer } = event.requestContext;
    const now = systemClock.now();
    writeLine(
      requestLine(metricsNamespace, now, {
        route: routeOf(event)?.operationId ?? 'unknown',
        status: wire.status,
        milliseconds: Math.max(0, now - requestTimeEpoch),
        jobId: response.jobId,
        traceId: traceIdOf(process.env['_X_AMZN_TRACE_ID']),
        tenant: typeof authorizer?.['tenant'] === 'string' ? authorizer['tenant'] : null,
        requestId: head.requestId,
        gatewayRequestId: requestId,
        lambdaRequestId: context.awsRequestId,
        waited: wire.headers['Preference-Applied']?.includes('wait=') ?? false,
      }),
    );
    flushMetrics();
    writeMemory();
    return proxyResultOf(wire);
  }

  const answered: MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult> = {
    onError: async (request) => {
      const { event, context, error } = request;
      const problem = problemOf(error);
      const response = problemResponse(problem, requestIdOf(event));
      if (response.status >= 500) report(problem, { requestId: requestIdOf(event) });
      request.response = await send(event, context, response);
    },
  };

  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>({
    timeoutEarlyInMillis: MARGIN_MS,
    timeoutEarlyResponse: () => {
      throw new Problem('unavailable', 'The answer took too long.');
    },
  })
    .use(answersHeartbeats())
    .use(answered)
    .handler(async (event, context) => {
      const route = routeOf(event);
      if (route === null) throw new Problem('not_found', 'There is no such path.');
      const deadline = systemClock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
      const request = requestOf(event, { route, requestId: requestIdOf(event), deadline });
      const { awsRequestId: lambdaRequestId } = context;
      const about = { requestId: request.requestId, tenant: request.caller?.tenant, lambdaRequestId };
      return loggedAs(about, async () => {
        log('debug', `${route.operationId} is asked for.`);
        return send(event, context, await use().api(request));
      });
    });
}

function withApi(parts: ApiFunction) {
  const find = (operationId: string): Answer | null => parts.answers.get(operationId) ?? null;
  const { outermost, middlewares } = parts;
  return { ...parts, api: createApi({ find, outermost, middlewares, report }) };
}

/** The same however often it is asked for: made of API Gateway's own id. */
function requestIdOf({ requestContext }: APIGatewayProxyEvent): string {
  return idOf('req', requestContext.requestTimeEpoch, requestContext.requestId);
}

function report(problem: Problem, { requestId }: Pick<ApiRequest, 'requestId'>): void {
  log('error', 'The request could not be answered.', { requestId, ...errorFields(problem.cause ?? problem) });
}
