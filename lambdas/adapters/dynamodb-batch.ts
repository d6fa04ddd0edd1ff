import { setTimeout as pause } from 'node:timers/promises';
import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TableRecord } from './dynamodb-records.ts';

/** Most records that DynamoDB gives at once. */
const BATCH_SIZE = 100;
const TRIES = 8;
const FIRST_PAUSE_MS = 50;

/**
 * Reads records by key as they now are, in any order; keys without a record are left out.
 *
 * @throws Error when DynamoDB leaves some unread again and again
 */
export async function readAll(
  { client, name }: { readonly client: DynamoDBClient; readonly name: string },
  keys: readonly TableRecord[],
): Promise<TableRecord[]> {
  const records: TableRecord[] = [];
  for (let at = 0; at < keys.length; at += BATCH_SIZE) {
    let rest = keys.slice(at, at + BATCH_SIZE);
    for (let tries = 1; rest.length > 0; tries++) {
      if (tries > TRIES) throw new Error(`DynamoDB left ${rest.length} records unread ${TRIES} times.`);
      if (tries > 1) await pause(FIRST_PAUSE_MS * 2 ** (tries - 2));
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [name]: { Keys: rest, ConsistentRead: true } } }),
      );
      records.push(...(Responses?.[name] ?? []));
      rest = UnprocessedKeys?.[name]?.Keys ?? [];
    }
  }
  return records;
}
