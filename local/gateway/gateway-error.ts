interface Kind {
  readonly status: number;
  /** Value of the header `x-amzn-errortype`. */
  readonly errorType: string;
  readonly message: string | null;
}

const internal = (status: number): Kind => ({
  status,
  errorType: 'InternalServerErrorException',
  message: 'Internal server error',
});

/** What API Gateway answers by itself, by response type ("Gateway response types for API Gateway"). */
const KINDS = {
  ACCESS_DENIED: {
    status: 403,
    errorType: 'AccessDeniedException',
    message: 'User is not authorized to access this resource',
  },
  API_CONFIGURATION_ERROR: internal(500),
  AUTHORIZER_CONFIGURATION_ERROR: {
    status: 500,
    errorType: 'AuthorizerConfigurationException',
    message: null,
  },
  AUTHORIZER_FAILURE: { status: 500, errorType: 'AuthorizerFailureException', message: null },
  // A function that failed, or an answer that is none.
  DEFAULT_5XX: internal(502),
  // AWS documents 504; for a function that is throttled it is 500.
  INTEGRATION_FAILURE: internal(500),
  INTEGRATION_TIMEOUT: {
    status: 504,
    errorType: 'InternalServerErrorException',
    message: 'Endpoint request timed out',
  },
  INVALID_API_KEY: { status: 403, errorType: 'ForbiddenException', message: 'Forbidden' },
  MISSING_AUTHENTICATION_TOKEN: {
    status: 403,
    errorType: 'MissingAuthenticationTokenException',
    message: 'Missing Authentication Token',
  },
  REQUEST_TOO_LARGE: {
    status: 413,
    errorType: 'RequestTooLongException',
    message: 'Request Too Long',
  },
  THROTTLED: { status: 429, errorType: 'TooManyRequestsException', message: 'Too Many Requests' },
  UNAUTHORIZED: { status: 401, errorType: 'UnauthorizedException', message: 'Unauthorized' },
} as const satisfies Record<string, Kind>;

export type ErrorKind = keyof typeof KINDS;

/** A request that API Gateway answers by itself. */
export class GatewayError extends Error {
  readonly kind: ErrorKind;
  readonly status: number;
  readonly errorType: string;
  /** What the answer says; null where AWS says nothing. */
  readonly text: string | null;

  /**
   * @param reason why, for the log; the sender is not told
   * @param text what the sender is told, where it is not what AWS always says
   */
  constructor(kind: ErrorKind, reason: string, text: string | null = KINDS[kind].message) {
    super(reason);
    this.name = 'GatewayError';
    const { status, errorType } = KINDS[kind];
    this.kind = kind;
    this.status = status;
    this.errorType = errorType;
    this.text = text;
  }
}
