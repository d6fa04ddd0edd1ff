import { setTimeout as pause } from 'node:timers/promises';
import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import type { TableRecord } from './dynamodb-records.ts';

/** Most records that DynamoDB deletes at once. */
const BATCH_SIZE = 25;
/** Batches on their way: few, since whoever deletes much takes the table's writes from those who work. */
const AT_ONCE = 4;
const TRIES = 9;
const FIRST_PAUSE_MS = 50;

/**
 * Deletes records by key; those that are gone are no error.
 *
 * @throws Error when DynamoDB leaves some again and again
 */
export async function deleteAll(
  client: DynamoDBClient,
  table: string,
  keys: readonly TableRecord[],
): Promise<void> {
  const starts = Array.from(
    { length: Math.ceil(keys.length / BATCH_SIZE) },
    (_, batch) => batch * BATCH_SIZE,
  );
  const rest = starts.values();
  const work = async () => {
    for (const start of rest) await deleteBatch(client, table, keys.slice(start, start + BATCH_SIZE));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function deleteBatch(
  client: DynamoDBClient,
  table: string,
  keys: readonly TableRecord[],
): Promise<void> {
  let rest: WriteRequest[] = keys.map((Key) => ({ DeleteRequest: { Key } }));
  for (let tries = 1; rest.length > 0; tries++) {
    if (tries > TRIES) throw new Error(`DynamoDB left ${rest.length} records undeleted ${TRIES} times.`);
    if (tries > 1) await pause(FIRST_PAUSE_MS * 2 ** (tries - 2));
    const { UnprocessedItems } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: rest } }),
    );
    rest = UnprocessedItems?.[table] ?? [];
  }
}
