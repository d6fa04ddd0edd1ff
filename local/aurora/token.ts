import { arn } from '../account.ts';
import { authenticate } from '../auth/authenticate.ts';
import type { Credentials, Principal } from '../auth/credentials.ts';
import { sha256 } from '../auth/sigv4.ts';

/** What a token that stands for a password says: who came, as which user, to which endpoint. */
export interface TokenClaim {
  readonly principal: Principal;
  readonly user: string;
  readonly host: string;
}

/**
 * Reads a token as `rds-signer` and the AWS command line make it: `host:port/?Action=connect&DBUser=…`, presigned.
 *
 * @throws Error when it is none, AwsError when it is signed wrongly, expired, or by nobody known
 */
export function readToken(token: string, credentials: Credentials, now: number): TokenClaim {
  const url = new URL(`https://${token}`);
  const { principal, service } = authenticate(
    { method: 'GET', path: url.pathname, query: url.searchParams, headers: { host: url.host } },
    credentials,
    now,
    () => sha256(''),
  );
  if (service !== 'rds-db' || url.searchParams.get('Action') !== 'connect') {
    throw new Error('The token is not one to connect to a database.');
  }
  return { principal, user: url.searchParams.get('DBUser') ?? '', host: url.hostname };
}

/** What `rds-db:connect` has to be allowed on. */
export function userArn(resourceId: string, user: string): string {
  return arn('rds-db', `dbuser:${resourceId}/${user}`);
}
