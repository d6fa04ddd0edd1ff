import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { type Dataset, type DatasetRef, datasetSchema } from '../contracts/dataset.ts';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import type { DatasetStore } from '../ports/dataset-store.ts';
import { tenantPartition } from './dynamodb-job-record.ts';
import { isConditionFailed, recordKey, type TableRecord } from './dynamodb-records.ts';

/** With fields that only a newer version knows: one that is gone back to shall neither refuse nor lose them. */
const storedDataset = datasetSchema.loose();

const PREFIX = 'dataset#';

/** Datasets in the jobs table, beside the jobs of their tenant. */
export function createDynamoDatasetStore(client: DynamoDBClient, table: string): DatasetStore {
  async function read(ref: DatasetRef): Promise<TableRecord | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(ref), ConsistentRead: true }),
    );
    return Item;
  }

  /** A write whose answer got lost is sent again and then fails its condition, but is stored as it was sent. */
  async function write(
    dataset: Dataset,
    condition: Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'>,
  ): Promise<boolean> {
    const ref = { tenant: dataset.tenant, datasetId: dataset.id };
    const text = JSON.stringify(dataset);
    const Item = { ...keyOf(ref), revision: { N: String(dataset.revision) }, dataset: { S: text } };
    try {
      await client.send(new PutItemCommand({ TableName: table, Item, ...condition }));
      return true;
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      return (await read(ref))?.['dataset']?.S === text;
    }
  }

  return {
    async get(ref) {
      const record = await read(ref);
      return record === undefined ? null : datasetOf(record);
    },
    async create(dataset) {
      const condition = `attribute_not_exists(${TABLE_ATTRIBUTES.partitionKey})`;
      return (await write(dataset, { ConditionExpression: condition })) ? 'created' : 'exists';
    },
    async replace(dataset) {
      const replaced = await write(dataset, {
        ConditionExpression: 'revision = :previous',
        ExpressionAttributeValues: { ':previous': { N: String(dataset.revision - 1) } },
      });
      return replaced ? 'replaced' : 'conflict';
    },
    async remove(dataset) {
      const key = keyOf({ tenant: dataset.tenant, datasetId: dataset.id });
      const condition = {
        ConditionExpression: `attribute_not_exists(${TABLE_ATTRIBUTES.partitionKey}) OR revision = :known`,
        ExpressionAttributeValues: { ':known': { N: String(dataset.revision) } },
      };
      try {
        await client.send(new DeleteItemCommand({ TableName: table, Key: key, ...condition }));
        return 'removed';
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        return 'conflict';
      }
    },
    async list(tenant, limit) {
      const datasets: Dataset[] = [];
      let next: TableRecord | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :prefix)',
            ExpressionAttributeNames: {
              '#pk': TABLE_ATTRIBUTES.partitionKey,
              '#sk': TABLE_ATTRIBUTES.sortKey,
            },
            ExpressionAttributeValues: { ':pk': { S: tenantPartition(tenant) }, ':prefix': { S: PREFIX } },
            ConsistentRead: true,
            Limit: limit,
            ExclusiveStartKey: next,
          }),
        );
        datasets.push(...(page.Items ?? []).map(datasetOf));
        next = page.LastEvaluatedKey;
      } while (next !== undefined && datasets.length < limit);
      return datasets.slice(0, limit);
    },
  };
}

function keyOf({ tenant, datasetId }: DatasetRef): TableRecord {
  return recordKey(tenantPartition(tenant), `${PREFIX}${datasetId}`);
}

/** @throws ZodError when the record is none of a dataset */
function datasetOf(record: TableRecord): Dataset {
  return storedDataset.parse(JSON.parse(record['dataset']?.S ?? 'null'));
}
