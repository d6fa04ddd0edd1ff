import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { CAPACITY_PARTITION } from '../contracts/capacity.ts';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import type { CapacityMemory } from '../ports/capacity-memory.ts';
import { isConditionFailed, recordKey } from './dynamodb-records.ts';

const number = z.object({ N: z.coerce.number().int().min(1) });
const itemSchema = z.object({
  memory: z.object({ S: z.string() }),
  revision: number,
  heldUntil: number.optional(),
});

/**
 * A memory of the capacity controller in the jobs table: one record, which only who knows the last one may replace. One
 * of another shape, which another version wrote, is forgotten.
 *
 * @param name of what is decided on: its sort key
 */
export function createDynamoCapacityMemory<T>(
  client: DynamoDBClient,
  table: string,
  name: string,
  schema: z.ZodType<T>,
): CapacityMemory<T> {
  const key = recordKey(CAPACITY_PARTITION, name);
  return {
    async read() {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }),
      );
      if (Item === undefined) return { value: null, revision: 0, heldUntil: null };
      const { memory, revision, heldUntil } = itemSchema.parse(Item);
      const { data = null } = schema.safeParse(JSON.parse(memory.S));
      return { value: data, revision: revision.N, heldUntil: heldUntil?.N ?? null };
    },

    async write(value, revision, heldUntil) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...key,
              memory: { S: JSON.stringify(value) },
              revision: { N: String(revision + 1) },
              ...(heldUntil !== null && { heldUntil: { N: String(heldUntil) } }),
            },
            ...(revision === 0
              ? { ConditionExpression: `attribute_not_exists(${TABLE_ATTRIBUTES.partitionKey})` }
              : {
                  ConditionExpression: 'revision = :read',
                  ExpressionAttributeValues: { ':read': { N: String(revision) } },
                }),
          }),
        );
        return true;
      } catch (error) {
        if (isConditionFailed(error)) return false;
        throw error;
      }
    },
  };
}
