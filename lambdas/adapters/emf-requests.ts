import { REQUEST_METRICS } from '../contracts/metric-names.ts';

/** What is known of a request once it is answered. Nothing that was sent or answered is in it. */
export interface AnsweredRequest {
  /** Name of the operation; `unknown` when there is none of that path. */
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly tenant: string | null;
  readonly requestId: string;
  /** The job that was made or acted upon. */
  readonly jobId: string | undefined;
  readonly traceId: string | undefined;
  /** Under which API Gateway's access log and Lambda's own lines have the request. */
  readonly gatewayRequestId: string;
  readonly lambdaRequestId: string;
  /** Whether the answer was held back on request; how long it took then says nothing about us. */
  readonly waited: boolean;
}

/**
 * The line of the log about a request, and its metrics in the same line (CloudWatch's embedded metric format).
 *
 * @param timestamp milliseconds since the epoch
 */
export function requestLine(namespace: string, timestamp: number, answered: AnsweredRequest): string {
  const { route, status, milliseconds, ...ids } = answered;
  const { requests, latency, clientErrors, serverErrors } = REQUEST_METRICS;
  const failure = status >= 500 ? serverErrors : status >= 400 ? clientErrors : null;
  const Metrics = [
    { Name: requests, Unit: 'Count' },
    ...(answered.waited ? [] : [{ Name: latency, Unit: 'Milliseconds' }]),
    ...(failure === null ? [] : [{ Name: failure, Unit: 'Count' }]),
  ];
  return JSON.stringify({
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [['Route'], []], Metrics }],
    },
    level: 'info',
    timestamp: new Date(timestamp).toISOString(),
    message: `${route}: ${status}`,
    Route: route,
    status,
    ...ids,
    [requests]: 1,
    [latency]: milliseconds,
    ...(failure !== null && { [failure]: 1 }),
  });
}
