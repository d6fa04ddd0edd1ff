import { randomBytes } from 'node:crypto';
import { createDynamoTokens } from '../../lambdas/adapters/dynamodb-tokens.ts';
import { systemClock } from '../../lambdas/adapters/system-clock.ts';
import { issueToken } from '../../lambdas/api/issue-token.ts';
import type { AccessScope } from '../../lambdas/domain/access/scopes.ts';
import { outputOf } from '../../local/user.ts';
import type { System } from './system.ts';

export interface Call {
  /** Secret of the token; none by default. */
  readonly token?: string | undefined;
  /** A value becomes JSON; bytes go out as they are. */
  readonly body?: object | undefined;
  readonly prefer?: string;
}

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  /** Null when the answer has none. */
  readonly json: unknown;
}

/** Calls the API of a system over HTTP, as any program does. */
export async function call(
  { cloud }: System,
  method: string,
  path: string,
  { token, body, prefer }: Call = {},
): Promise<Called> {
  const answer = await fetch(`${cloud.apiEndpoint}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(prefer !== undefined && { prefer }),
    },
    ...(body !== undefined && { body: Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  const json: unknown = isJson && text !== '' ? JSON.parse(text) : null;
  return { status: answer.status, headers: answer.headers, json };
}

/** Makes a token, as operators make a tenant's first. @returns its secret */
export async function makeToken(
  { clients, cloud }: System,
  tenant: string,
  scopes: readonly AccessScope[],
): Promise<string> {
  const tokens = createDynamoTokens(clients.dynamodb, outputOf(cloud, 'AccessTableName'), systemClock);
  const issuer = { tokens, clock: systemClock, random: randomBytes };
  const grant = { tenant, name: 'journey', scopes: [...scopes], requestsPerMinute: null, expiresAt: null };
  return (await issueToken(issuer, grant)).secret;
}
