import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import { type BucketLevel, type BucketRate, takeToken } from '../domain/job/token-bucket.ts';
import type { Clock } from '../ports/clock.ts';
import type { RateBucket } from '../ports/rate-bucket.ts';
import { expiry, isConditionFailed, recordKey, type TableRecord } from './dynamodb-records.ts';

/** Tries against others that take from the same bucket at the same time. */
const TRIES = 20;

/** Token buckets in the jobs table. Each is one record, and so takes 1,000 requests a second at most. */
export function createDynamoRateBucket(client: DynamoDBClient, table: string, clock: Clock): RateBucket {
  return {
    async take(tenant, name, rate) {
      const key = recordKey(`bucket#${tenant}#${name}`, 'bucket');
      for (let tries = 1; tries <= TRIES; tries++) {
        const { Item } = await client.send(
          new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }),
        );
        const { result, level } = takeToken(levelOf(Item), rate, clock.now());
        // Without a token there is nothing to keep: what was refilled since is computed again the next time.
        if (!result.taken) return result;
        const record = { ...key, ...levelAttributes(level), ...expiry(fullAt(level, rate)) };
        if (await replace(client, table, Item, record)) return result;
      }
      throw new Error(`The bucket ${name} of ${tenant} changed ${TRIES} times while it was being read.`);
    },
  };
}

async function replace(
  client: DynamoDBClient,
  table: string,
  before: TableRecord | undefined,
  after: TableRecord,
): Promise<boolean> {
  const { tokens, at } = before ?? {};
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: after,
        ...(tokens === undefined || at === undefined
          ? { ConditionExpression: `attribute_not_exists(${TABLE_ATTRIBUTES.partitionKey})` }
          : {
              ConditionExpression: '#tokens = :tokens AND #at = :at',
              ExpressionAttributeNames: { '#tokens': 'tokens', '#at': 'at' },
              ExpressionAttributeValues: { ':tokens': tokens, ':at': at },
            }),
      }),
    );
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
}

function levelOf(record: TableRecord | undefined): BucketLevel | null {
  const { tokens, at } = record ?? {};
  return tokens?.N === undefined || at?.N === undefined
    ? null
    : { tokens: Number(tokens.N), at: Number(at.N) };
}

function levelAttributes({ tokens, at }: BucketLevel): TableRecord {
  return { tokens: { N: String(tokens) }, at: { N: String(at) } };
}

/** When a bucket is full again, and so no different from one that was never used. */
function fullAt({ tokens, at }: BucketLevel, { capacity, refillPerMinute }: BucketRate): number {
  return at + ((capacity - tokens) / refillPerMinute) * 60_000;
}
