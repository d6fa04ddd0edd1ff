import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { CAPACITY_PARTITION } from '../contracts/capacity.ts';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import type { CapacityMemory } from '../ports/capacity-memory.ts';
import { isConditionFailed, recordKey } from './dynamodb-records.ts';

const revisionSchema = z.coerce.number().int().min(1);

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
      if (Item === undefined) return { value: null, revision: 0 };
      const { data = null } = schema.safeParse(JSON.parse(Item['memory']?.S ?? 'null'));
      return { value: data, revision: revisionSchema.parse(Item['revision']?.N) };
    },

    async write(value, revision) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...key, memory: { S: JSON.stringify(value) }, revision: { N: String(revision + 1) } },
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
