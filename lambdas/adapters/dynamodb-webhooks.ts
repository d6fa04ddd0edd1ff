import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import {
  DELIVERY_DAYS,
  type Delivery,
  deliverySchema,
  type Webhook,
  webhookSchema,
} from '../contracts/webhook.ts';
import type { Clock } from '../ports/clock.ts';
import type { WebhookStore } from '../ports/webhook-store.ts';
import { expiry, isConditionFailed, isExpired, recordKey, type TableRecord } from './dynamodb-records.ts';

/** With fields that only a newer version knows: one that is gone back to shall neither refuse nor lose them. */
const storedWebhook = webhookSchema.loose();

const DAY_MS = 24 * 3600 * 1000;
/** Room for all webhooks that a tenant can have, and then some. */
const MAX_LISTED = 200;
type Condition = Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeValues'>;
const IS_NEW: Condition = { ConditionExpression: `attribute_not_exists(${TABLE_ATTRIBUTES.partitionKey})` };

/** Webhooks in the jobs table beside the jobs of their tenant, and deliveries of each in a partition of their own. */
export function createDynamoWebhooks(client: DynamoDBClient, table: string, clock: Clock): WebhookStore {
  /** Writes a record on a condition; one that is stored as sent, because its answer got lost, counts as written. */
  async function put(record: TableRecord, key: TableRecord, condition: Condition): Promise<boolean> {
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: { ...key, ...record }, ...condition }));
      return true;
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      return (await read(key))?.['content']?.S === record['content']?.S;
    }
  }

  async function read(key: TableRecord): Promise<TableRecord | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }),
    );
    return Item === undefined || isExpired(Item, clock.now()) ? undefined : Item;
  }

  /** The newest records of a partition whose sort keys start alike, behind one of them. */
  async function newest(
    partition: string,
    prefix: string,
    before: string,
    limit: number,
  ): Promise<TableRecord[]> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#pk = :partition AND #sk BETWEEN :first AND :before',
        ExpressionAttributeNames: { '#pk': TABLE_ATTRIBUTES.partitionKey, '#sk': TABLE_ATTRIBUTES.sortKey },
        ExpressionAttributeValues: {
          ':partition': { S: partition },
          ':first': { S: prefix },
          ':before': { S: `${prefix}${before}` },
        },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: limit,
      }),
    );
    return Items.filter((record) => !isExpired(record, clock.now()));
  }

  return {
    async create(webhook) {
      if (await put(contentOf(webhook), webhookKey(webhook.tenant, webhook.id), IS_NEW)) return;
      throw new Error(`There is a webhook ${webhook.id} already.`);
    },
    get: async (tenant, id) => webhookOf(await read(webhookKey(tenant, id))),
    async list(tenant) {
      const records = await newest(`tenant#${tenant}`, 'webhook#', LAST, MAX_LISTED);
      return records.map(webhookOf).filter((webhook) => webhook !== null);
    },
    async replace(webhook) {
      const key = webhookKey(webhook.tenant, webhook.id);
      return (await put(contentOf(webhook), key, follows(webhook.revision))) ? 'replaced' : 'conflict';
    },
    async remove(tenant, id) {
      const { Attributes } = await client.send(
        new DeleteItemCommand({ TableName: table, Key: webhookKey(tenant, id), ReturnValues: 'ALL_OLD' }),
      );
      return Attributes !== undefined;
    },

    async addDelivery(delivery) {
      const record = { ...contentOf(delivery), ...deliveryExpiry(delivery) };
      return (await put(record, deliveryKey(delivery), IS_NEW)) ? 'created' : 'exists';
    },
    getDelivery: async ({ tenant, webhookId, deliveryId }) =>
      deliveryOf(await read(deliveryKey({ tenant, webhookId, id: deliveryId }))),
    async replaceDelivery(delivery) {
      const record = { ...contentOf(delivery), ...deliveryExpiry(delivery) };
      return (await put(record, deliveryKey(delivery), follows(delivery.revision))) ? 'replaced' : 'conflict';
    },
    async listDeliveries(tenant, webhookId, { before, limit }) {
      const partition = `webhook#${tenant}#${webhookId}`;
      // One more, since the range includes the one to go on behind.
      const records = await newest(partition, 'delivery#', before ?? LAST, limit + 1);
      const found = records.map(deliveryOf).filter((delivery) => delivery !== null);
      return found.filter(({ id }) => id !== before).slice(0, limit);
    },
  };
}

/** Behind all ids. */
const LAST = '~';

function webhookKey(tenant: string, id: string): TableRecord {
  return recordKey(`tenant#${tenant}`, `webhook#${id}`);
}

function deliveryKey({ tenant, webhookId, id }: Pick<Delivery, 'tenant' | 'webhookId' | 'id'>): TableRecord {
  return recordKey(`webhook#${tenant}#${webhookId}`, `delivery#${id}`);
}

function contentOf(content: Webhook | Delivery): TableRecord {
  return { revision: { N: String(content.revision) }, content: { S: JSON.stringify(content) } };
}

function deliveryExpiry({ createdAt }: Delivery): TableRecord {
  return expiry(Date.parse(createdAt) + DELIVERY_DAYS * DAY_MS);
}

function follows(revision: number): Condition {
  return {
    ConditionExpression: 'revision = :previous',
    ExpressionAttributeValues: { ':previous': { N: String(revision - 1) } },
  };
}

function webhookOf(record: TableRecord | undefined): Webhook | null {
  return record === undefined ? null : storedWebhook.parse(JSON.parse(record['content']?.S ?? 'null'));
}

function deliveryOf(record: TableRecord | undefined): Delivery | null {
  return record === undefined ? null : deliverySchema.parse(JSON.parse(record['content']?.S ?? 'null'));
}
