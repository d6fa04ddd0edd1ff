import { randomBytes } from 'node:crypto';
import { traceIdOf } from '../../lambdas/adapters/trace-header.ts';

/**
 * The header that says to which trace an invocation belongs: its caller's, or a new one. What comes from a queue begins a
 * trace of its own too, which X-Ray links to the senders'; no segment is kept here of either.
 *
 * @param caller the header that the caller sent
 */
export function traceHeader(caller: string | undefined): string {
  const root = traceIdOf(caller) ?? newTraceId();
  return `Root=${root};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}

/** When it began, in seconds, and 96 random bits. */
function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `1-${seconds.padStart(8, '0')}-${randomBytes(12).toString('hex')}`;
}
