import { AwsError } from '../auth/errors.ts';
import type { StoredVersion } from './schema.ts';

/** Condition of a write: nobody has the key, or its ETag is the one given. */
export interface WriteCondition {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** @throws AwsError 412 when the condition does not hold, 404 when it names an ETag of nothing */
export function checkCondition(
  current: StoredVersion | undefined,
  { ifMatch, ifNoneMatch }: WriteCondition,
  key: string,
): void {
  if (ifNoneMatch === '*' && current !== undefined) throw preconditionFailed('If-None-Match');
  if (ifMatch === undefined) return;
  if (current === undefined) throw noSuchKey(key);
  if (ifMatch.replaceAll('"', '') !== current.etag) throw preconditionFailed('If-Match');
}

export function preconditionFailed(condition: string): AwsError {
  return new AwsError(
    412,
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    {
      Condition: condition,
    },
  );
}

export function noSuchKey(key: string): AwsError {
  return new AwsError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
}
