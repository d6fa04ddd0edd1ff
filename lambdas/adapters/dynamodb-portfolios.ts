import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import { type PortfolioList, portfolioListSchema } from '../contracts/portfolio.ts';
import type { PortfolioStore } from '../ports/portfolio-store.ts';
import { tenantPartition } from './dynamodb-job-record.ts';
import { isConditionFailed, recordKey } from './dynamodb-records.ts';

/** With fields that only a newer version knows: one that is gone back to shall neither refuse nor lose them. */
const storedPortfolios = portfolioListSchema.loose();

/** Portfolios in the jobs table: one record, beside the jobs of their tenant. */
export function createDynamoPortfolios(client: DynamoDBClient, table: string): PortfolioStore {
  async function read(tenant: string): Promise<string | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(tenant), ConsistentRead: true }),
    );
    return Item?.['portfolios']?.S;
  }

  return {
    async read(tenant) {
      const text = await read(tenant);
      if (text === undefined) return { tenant, revision: 0, portfolios: [] };
      return storedPortfolios.parse(JSON.parse(text));
    },
    async replace(list) {
      const text = JSON.stringify(list);
      const Item = {
        ...keyOf(list.tenant),
        revision: { N: String(list.revision) },
        portfolios: { S: text },
      };
      try {
        await client.send(new PutItemCommand({ TableName: table, Item, ...follows(list) }));
        return 'replaced';
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        // A write whose answer got lost is sent again and then fails its condition, but is stored as it was sent.
        return (await read(list.tenant)) === text ? 'replaced' : 'conflict';
      }
    },
  };
}

function keyOf(tenant: string) {
  return recordKey(tenantPartition(tenant), 'portfolios');
}

function follows({
  revision,
}: PortfolioList): Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'> {
  if (revision === 1) {
    return { ConditionExpression: `attribute_not_exists(${TABLE_ATTRIBUTES.partitionKey})` };
  }
  return {
    ConditionExpression: 'revision = :previous',
    ExpressionAttributeValues: { ':previous': { N: String(revision - 1) } },
  };
}
