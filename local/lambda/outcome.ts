/** What became of an invocation. */
export interface Outcome {
  /** Whether the function answered; otherwise the payload is an error document. */
  readonly succeeded: boolean;
  /** JSON. */
  readonly payload: string;
}

/** An error of the platform and not of the handler, in Lambda's words. */
export function platformError(errorType: string, requestId: string, message: string): Outcome {
  const errorMessage = `RequestId: ${requestId} Error: ${message}`;
  return { succeeded: false, payload: JSON.stringify({ errorType, errorMessage }) };
}
