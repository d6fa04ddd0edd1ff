import { createHash } from 'node:crypto';
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import type { Clock } from '../ports/clock.ts';
import type { Attempt, Claim, IdempotencyStore, NamedRequest } from '../ports/idempotency-store.ts';
import { expiry, isConditionFailed, isExpired, recordKey, type TableRecord } from './dynamodb-records.ts';

const KEPT_MS = 24 * 3600 * 1000;
/** Tries against claims that end, or are given back, between two looks at them. */
const TRIES = 5;

/** Nobody has the name; or its day is over; or the claim of whoever had it ended without an answer. */
const FREE = [
  `attribute_not_exists(${TABLE_ATTRIBUTES.partitionKey})`,
  '#expiry <= :seconds',
  '(fingerprint = :fingerprint AND leaseUntil <= :now)',
].join(' OR ');

/**
 * Requests in the access table, a record each. It says `leaseUntil` while an attempt is at the request, and `answer` when
 * there is one that was kept. A write that is sent twice, because its answer got lost, finds itself done.
 */
export function createDynamoIdempotency(
  client: DynamoDBClient,
  table: string,
  clock: Clock,
): IdempotencyStore {
  async function put({ id, ...request }: Attempt, fingerprint: string, leaseUntil: number): Promise<boolean> {
    const now = clock.now();
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...keyOf(request),
            ...expiry(now + KEPT_MS),
            fingerprint: { S: fingerprint },
            attempt: { S: id },
            leaseUntil: { N: String(leaseUntil) },
          },
          ConditionExpression: FREE,
          ExpressionAttributeNames: { '#expiry': TABLE_ATTRIBUTES.expiry },
          ExpressionAttributeValues: {
            ':seconds': { N: String(Math.floor(now / 1000)) },
            ':fingerprint': { S: fingerprint },
            ':now': { N: String(now) },
          },
        }),
      );
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  }

  async function read(request: NamedRequest): Promise<TableRecord | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(request), ConsistentRead: true }),
    );
    return Item;
  }

  return {
    async claim(attempt, fingerprint, leaseUntil) {
      for (let tries = 1; tries <= TRIES; tries++) {
        if (await put(attempt, fingerprint, leaseUntil)) return { state: 'claimed' };
        const found = claimIn(await read(attempt), attempt, fingerprint, clock.now());
        if (found !== null) return found;
      }
      return { state: 'in_progress' };
    },

    async keep(attempt, answer) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(attempt),
          UpdateExpression: `${answer === null ? '' : 'SET answer = :answer '}REMOVE leaseUntil`,
          ConditionExpression: 'attempt = :attempt',
          ExpressionAttributeValues: {
            ':attempt': { S: attempt.id },
            ...(answer !== null && { ':answer': { S: answer } }),
          },
        }),
      );
    },

    async release(attempt) {
      try {
        await client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: keyOf(attempt),
            ConditionExpression: 'attempt = :attempt',
            ExpressionAttributeValues: { ':attempt': { S: attempt.id } },
          }),
        );
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
      }
    },
  };
}

/** What a record says of a request; null when the request is free to be claimed. */
function claimIn(
  record: TableRecord | undefined,
  { id }: Attempt,
  fingerprint: string,
  now: number,
): Claim | null {
  if (record === undefined || isExpired(record, now)) return null;
  if (record['fingerprint']?.S !== fingerprint) return { state: 'other_request' };
  const lease = record['leaseUntil']?.N;
  if (lease !== undefined) {
    if (record['attempt']?.S === id) return { state: 'claimed' };
    return Number(lease) <= now ? null : { state: 'in_progress' };
  }
  const answer = record['answer']?.S;
  return answer === undefined ? { state: 'repeat' } : { state: 'answered', answer };
}

/** Keys are hashed, since callers choose them. */
function keyOf({ tenant, key }: NamedRequest): TableRecord {
  const hash = createHash('sha256').update(key).digest('hex');
  return recordKey(`idempotency#${tenant}#${hash}`, 'request');
}
