import { AwsError } from '../../auth/errors.ts';

/** A query that cannot be run, with the reason: it is no query, or uses what is not imitated. */
export function malformed(message: string): AwsError {
  return new AwsError(400, 'MalformedQueryException', message);
}
