import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';

/**
 * What takes the trace of this invocation along with a message: X-Ray links the trace of whoever receives it to this one.
 * Lambda says which it is, anew for every invocation; elsewhere there is none.
 */
export function traceAttributes(): Pick<SendMessageCommandInput, 'MessageSystemAttributes'> {
  const header = process.env['_X_AMZN_TRACE_ID'];
  if (header === undefined || header === '') return {};
  return { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: header } } };
}

/** The id of the trace that a header names (`Root=1-…;Parent=…;Sampled=1`); undefined when it names none. */
export function traceIdOf(header: string | undefined): string | undefined {
  return /(?:^|;)Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/.exec(header ?? '')?.[1];
}
