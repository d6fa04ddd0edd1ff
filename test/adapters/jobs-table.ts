import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { afterAll } from 'vitest';
import { TABLE_ATTRIBUTES, WATCHED_JOBS_INDEX } from '../../lambdas/contracts/key-layout.ts';

export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface TestTable {
  readonly client: DynamoDBClient;
  readonly name: string;
  readonly endpoint: string;
  readonly config: DynamoDBClientConfig;
}

/** An empty jobs table in a DynamoDB server of its own, gone when the test file is done. */
export async function startJobsTable(): Promise<TestTable> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    server.close();
  });
  const address = server.address();
  if (!isAddress(address)) throw new Error('The server has no address.');
  const endpoint = `http://127.0.0.1:${address.port}`;
  const config = {
    endpoint,
    region: 'us-east-1',
    credentials: CREDENTIALS,
  };
  const client = new DynamoDBClient(config);
  const name = 'jobs';
  const { partitionKey, sortKey } = TABLE_ATTRIBUTES;
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keySchema(partitionKey, sortKey),
      AttributeDefinitions: [
        partitionKey,
        sortKey,
        WATCHED_JOBS_INDEX.partitionKey,
        WATCHED_JOBS_INDEX.sortKey,
      ].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexes: [
        {
          IndexName: WATCHED_JOBS_INDEX.name,
          KeySchema: keySchema(WATCHED_JOBS_INDEX.partitionKey, WATCHED_JOBS_INDEX.sortKey),
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName: name });
  return { client, name, endpoint, config };
}

function keySchema(partitionKey: string, sortKey: string) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ];
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
