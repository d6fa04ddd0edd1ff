import { createHash } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import { traceIdOf } from '../../adapters/trace-header.ts';
import type { LogFields } from './log.ts';

/**
 * What the lines about a message of a queue carry. Whoever receives a message has a trace of its own, which X-Ray links to
 * the sender's: that one is named too.
 */
export function recordFields({ messageId, attributes }: SQSRecord): LogFields {
  return {
    messageId,
    receiveCount: Number(attributes.ApproximateReceiveCount),
    senderTraceId: traceIdOf(attributes.AWSTraceHeader),
  };
}

/** What is said of a message that cannot be read: by this it is found in the dead letters. What is in it can be anything. */
export function bodyFields(body: string): LogFields {
  return { bytes: Buffer.byteLength(body), sha256: createHash('sha256').update(body).digest('hex') };
}

/** Why a message cannot be read. The parser's own words quote what is in it. */
export function unreadable(error: unknown): LogFields {
  const name = error instanceof Error ? error.name : typeof error;
  return {
    error: { name, message: name === 'SyntaxError' ? 'It is no JSON.' : 'It is none of the known messages.' },
  };
}
