import { CfnGatewayResponse, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { PROBLEMS, type ProblemCode } from '../../lambdas/contracts/problems.ts';
import { problemDocument } from './api-conventions.ts';

interface Refusal {
  readonly code: ProblemCode;
  /** What happened; the table has the rest. */
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const SOON = { 'Retry-After': '1' };
const WHO_ARE_YOU = { 'WWW-Authenticate': 'Bearer' };

/** What API Gateway answers by itself, in the words of the API. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  UNAUTHORIZED: {
    code: 'unauthenticated',
    detail: 'The token is missing, wrong, or no longer holds.',
    headers: WHO_ARE_YOU,
  },
  INVALID_SIGNATURE: {
    code: 'unauthenticated',
    detail: 'The API takes tokens, not signatures.',
    headers: WHO_ARE_YOU,
  },
  EXPIRED_TOKEN: { code: 'unauthenticated', detail: 'The token is no longer valid.', headers: WHO_ARE_YOU },
  ACCESS_DENIED: { code: 'forbidden', detail: 'The token may not call this.' },
  WAF_FILTERED: { code: 'forbidden', detail: 'The request was filtered out.' },
  INVALID_API_KEY: { code: 'forbidden', detail: 'The token belongs to no usage plan.' },
  // Its answer to a path or method that does not exist.
  MISSING_AUTHENTICATION_TOKEN: {
    code: 'not_found',
    detail: 'There is no such path, or not with this method.',
  },
  RESOURCE_NOT_FOUND: { code: 'not_found', detail: 'There is no such path.' },
  REQUEST_TOO_LARGE: { code: 'dataset_too_large', detail: 'The body has more than 10 MB.' },
  UNSUPPORTED_MEDIA_TYPE: { code: 'unsupported_format', detail: 'The media type of the body is not taken.' },
  BAD_REQUEST_BODY: { code: 'invalid_request', detail: 'The body is not valid.' },
  BAD_REQUEST_PARAMETERS: { code: 'invalid_request', detail: 'A parameter is not valid.' },
  THROTTLED: {
    code: 'quota_exceeded',
    detail: 'The API takes no more requests at the moment.',
    headers: SOON,
  },
  QUOTA_EXCEEDED: {
    code: 'quota_exceeded',
    detail: 'The quota of the usage plan is used up.',
    headers: SOON,
  },
  INTEGRATION_TIMEOUT: { code: 'unavailable', detail: 'The answer took too long.', headers: SOON },
  INTEGRATION_FAILURE: {
    code: 'unavailable',
    detail: 'The function behind the route does not answer.',
    headers: SOON,
  },
  AUTHORIZER_FAILURE: { code: 'unavailable', detail: 'It could not be found out who calls.', headers: SOON },
  AUTHORIZER_CONFIGURATION_ERROR: { code: 'internal', detail: 'It could not be found out who calls.' },
  API_CONFIGURATION_ERROR: { code: 'internal', detail: 'The route is not set up as it should be.' },
  DEFAULT_4XX: { code: 'invalid_request', detail: 'The request is not one that the API takes.' },
  DEFAULT_5XX: { code: 'internal', detail: 'The request could not be answered.' },
};

/** Makes everything that API Gateway answers by itself a problem document (RFC 9457), as the functions' errors are. */
export function addGatewayResponses(api: RestApi, corsOrigins: readonly string[]): void {
  const cors = corsOrigins.length === 0 ? {} : { 'Access-Control-Allow-Origin': '*' };
  for (const [responseType, { code, detail, headers }] of Object.entries(REFUSALS)) {
    const { status } = PROBLEMS[code];
    const constants = {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...headers,
      ...cors,
    };
    new CfnGatewayResponse(api, responseType, {
      restApiId: api.restApiId,
      responseType: ResponseType.of(responseType).responseType,
      statusCode: String(status),
      responseParameters: {
        ...Object.fromEntries(
          Object.entries(constants).map(([name, value]) => [`gatewayresponse.header.${name}`, `'${value}'`]),
        ),
        'gatewayresponse.header.Request-Id': 'context.requestId',
      },
      responseTemplates: { 'application/json': template(code, detail) },
    });
  }
}

function template(code: ProblemCode, detail: string): string {
  return JSON.stringify({ ...problemDocument(code, detail), requestId: '$context.requestId' });
}
