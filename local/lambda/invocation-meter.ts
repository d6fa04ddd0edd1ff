/** Told what becomes of the invocations of a function, each by the ARN it was called by. */
export interface InvocationMeter {
  started(arn: string): void;
  ended(arn: string, invocation: { readonly milliseconds: number; readonly succeeded: boolean }): void;
  throttled(arn: string): void;
}
