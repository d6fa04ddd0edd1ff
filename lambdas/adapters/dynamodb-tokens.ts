import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import { type Token, tokenSchema } from '../contracts/token.ts';
import type { Clock } from '../ports/clock.ts';
import type { TokenRecord, TokenStore } from '../ports/token-store.ts';
import { readAll } from './dynamodb-batch.ts';
import {
  expiry,
  expiryTime,
  isConditionFailed,
  isExpired,
  recordKey,
  type TableRecord,
} from './dynamodb-records.ts';

/** With fields that only a newer version knows: one that is gone back to shall neither refuse nor lose them. */
const storedToken = tokenSchema.loose();

/** How long a token is listed after it expired or was revoked. */
const LISTED_AFTER_END_MS = 30 * 24 * 3600 * 1000;
const IS_NEW = `attribute_not_exists(${TABLE_ATTRIBUTES.partitionKey})`;
const EXISTS = `attribute_exists(${TABLE_ATTRIBUTES.partitionKey})`;

/**
 * Tokens in the access table. What there is to know of one stands in one record under its hash, which the authorizer
 * reads; a second one under its tenant only leads there, so that no write of two records has to be all or nothing.
 */
export function createDynamoTokens(client: DynamoDBClient, table: string, clock: Clock): TokenStore {
  async function put(record: TableRecord, condition?: string): Promise<void> {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: record,
        ...(condition !== undefined && { ConditionExpression: condition }),
      }),
    );
  }

  async function listed(tenant: string): Promise<TableRecord[]> {
    const records: TableRecord[] = [];
    let next: TableRecord | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#pk = :tenant AND begins_with(#sk, :token)',
          ExpressionAttributeNames: {
            '#pk': TABLE_ATTRIBUTES.partitionKey,
            '#sk': TABLE_ATTRIBUTES.sortKey,
          },
          ExpressionAttributeValues: { ':tenant': { S: `tenant#${tenant}` }, ':token': { S: 'token#' } },
          ConsistentRead: true,
          ExclusiveStartKey: next,
        }),
      );
      records.push(...(page.Items ?? []));
      next = page.LastEvaluatedKey;
    } while (next !== undefined);
    return records.filter((record) => !isExpired(record, clock.now()));
  }

  /** Ends a record some time after a token's own end. */
  async function revokeRecord(key: TableRecord, at: string): Promise<TableRecord> {
    const { Attributes = {} } = await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: key,
        UpdateExpression: 'SET revokedAt = if_not_exists(revokedAt, :at), #expiry = :expiry',
        ConditionExpression: EXISTS,
        ExpressionAttributeNames: { '#expiry': TABLE_ATTRIBUTES.expiry },
        ExpressionAttributeValues: { ':at': { S: at }, ':expiry': expiryTime(endOf(at)) },
        ReturnValues: 'ALL_NEW',
      }),
    );
    return Attributes;
  }

  return {
    async create(token, hash) {
      const end = token.expiresAt === null ? {} : expiry(endOf(token.expiresAt));
      // First what can be listed and revoked: a token nobody sees would be one nobody could take back.
      await put({ ...listKey(token.tenant, token.id), ...end, hash: { S: hash } });
      await put({ ...tokenKey(hash), ...end, token: { S: JSON.stringify(token) } }, IS_NEW);
    },

    async find(hash) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: tokenKey(hash), ConsistentRead: true }),
      );
      return Item === undefined ? null : tokenOf(Item);
    },

    async touch(hash, at) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: tokenKey(hash),
            UpdateExpression: 'SET lastUsedAt = :at',
            ConditionExpression: EXISTS,
            ExpressionAttributeValues: { ':at': { S: at } },
          }),
        );
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
      }
    },

    async list(tenant) {
      const keys = (await listed(tenant)).map(({ hash }) => tokenKey(hash?.S ?? ''));
      const tokens = (await readAll({ client, name: table }, keys)).map(tokenOf);
      return tokens.sort((a, b) => (a.id < b.id ? 1 : -1));
    },

    async revoke(tenant, id, at) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: listKey(tenant, id), ConsistentRead: true }),
      );
      const hash = Item?.['hash']?.S;
      if (hash === undefined) return null;
      try {
        const revoked = tokenOf(await revokeRecord(tokenKey(hash), at));
        await revokeRecord(listKey(tenant, id), at);
        return revoked;
      } catch (error) {
        if (isConditionFailed(error)) return null;
        throw error;
      }
    },
  };
}

/** The record that tells of a token. */
export function tokenKey(hash: string): TableRecord {
  return recordKey(`token#${hash}`, 'token');
}

function listKey(tenant: string, id: string): TableRecord {
  return recordKey(`tenant#${tenant}`, `token#${id}`);
}

/** When the records of a token that ended at a time may be deleted, as milliseconds since the epoch. */
function endOf(time: string): number {
  return Date.parse(time) + LISTED_AFTER_END_MS;
}

/** @throws ZodError when the record is none of a token */
function tokenOf(record: TableRecord): TokenRecord {
  const token: Token = storedToken.parse(JSON.parse(record['token']?.S ?? 'null'));
  return { ...token, lastUsedAt: record['lastUsedAt']?.S ?? null, revokedAt: record['revokedAt']?.S ?? null };
}
