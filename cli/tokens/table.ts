import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { createDynamoTokens } from '../../lambdas/adapters/dynamodb-tokens.ts';
import { systemClock } from '../../lambdas/adapters/system-clock.ts';
import type { TokenStore } from '../../lambdas/ports/token-store.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { REGION } from '../../local/account.ts';
import { Credentials } from '../../local/auth/credentials.ts';
import { UsageError } from '../errors.ts';

/** Which deployment's tokens are meant. */
export interface Deployment {
  readonly stage: string;
  /** The stack's output AccessTableName; without it the stage's table is looked for by name. */
  readonly table?: string | undefined;
  /** Address of a local cloud; without it AWS, by the credentials of the environment. */
  readonly local?: string | undefined;
  /** Data directory of the local cloud. */
  readonly data: string;
}

/** Does something with the tokens of a deployment. @throws UsageError when it is not to be found */
export async function withTokens<T>(
  deployment: Deployment,
  work: (tokens: TokenStore) => Promise<T>,
): Promise<T> {
  const client = new DynamoDBClient(
    deployment.local === undefined ? {} : localAccess(deployment.local, deployment.data),
  );
  try {
    const table = deployment.table ?? (await findTable(client, deployment.stage));
    return await work(createDynamoTokens(client, table, systemClock));
  } finally {
    client.destroy();
  }
}

/** As the developer of a local cloud, whose credentials follow from a secret in its data directory. */
function localAccess(endpoint: string, data: string) {
  if (!existsSync(join(data, 'credentials-secret')))
    throw new UsageError(`No local cloud keeps its data in ${data}.`, 'npm start, or --data DIRECTORY');
  const { accessKeyId, secretAccessKey } = new Credentials(data).developer;
  return { endpoint, region: REGION, credentials: { accessKeyId, secretAccessKey } };
}

/** CloudFormation makes names of the stack's, the resource's and something random. */
async function findTable(client: DynamoDBClient, stage: string): Promise<string> {
  const prefix = `${loadStage(stage).deployment}-storage-Access`;
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) {
    const found = TableNames.find((name) => name.startsWith(prefix));
    if (found !== undefined) return found;
  }
  throw new UsageError(
    `There is no table ${prefix}… here: the stage ${stage} is not deployed, or elsewhere.`,
    '--table with the output AccessTableName of the storage stack, or AWS_REGION',
  );
}
