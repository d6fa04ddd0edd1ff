import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoTokens } from '../lambdas/adapters/dynamodb-tokens.ts';
import { systemClock } from '../lambdas/adapters/system-clock.ts';
import type { Token } from '../lambdas/contracts/token.ts';
import { SCOPES } from '../lambdas/domain/access/scopes.ts';
import { hashOf, shownPrefix, TEST_TOKEN } from '../lambdas/domain/access/token.ts';
import { idOf } from '../lambdas/domain/job/job-id.ts';
import { REGION } from './account.ts';
import type { LocalCloud } from './local-cloud.ts';

/** Whose data `test-token` is for, and the sample. */
export const TEST_TENANT = 'demo';
/** Far above what one machine answers, so that load tests measure that. */
const REQUESTS_PER_MINUTE = 20_000;

/**
 * Lets `test-token` do everything for the tenant `demo`, unless it is there from an earlier start. A deployed stage never
 * has it.
 *
 * @returns whether the deployment has a table of tokens at all
 */
export async function addTestToken({
  endpoint,
  developer: { accessKeyId, secretAccessKey },
  outputs,
}: Pick<LocalCloud, 'endpoint' | 'developer' | 'outputs'>): Promise<boolean> {
  const table = Object.values(outputs).flatMap((named) => named['AccessTableName'] ?? [])[0];
  if (typeof table !== 'string') return false;
  const client = new DynamoDBClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    const tokens = createDynamoTokens(client, table, systemClock);
    const hash = hashOf(TEST_TOKEN);
    if ((await tokens.find(hash)) === null) await tokens.create(testToken(), hash);
    return true;
  } finally {
    client.destroy();
  }
}

function testToken(): Token {
  return {
    id: idOf('tok', 0, TEST_TOKEN),
    tenant: TEST_TENANT,
    name: 'for trying things out on this machine',
    prefix: shownPrefix(TEST_TOKEN),
    scopes: [...SCOPES],
    requestsPerMinute: REQUESTS_PER_MINUTE,
    createdAt: new Date(systemClock.now()).toISOString(),
    expiresAt: null,
  };
}
