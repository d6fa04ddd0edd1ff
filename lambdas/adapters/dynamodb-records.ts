import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';

/** A record of the jobs table as DynamoDB takes and gives it; `docs/infrastructure.md` lists the kinds. */
export type TableRecord = Record<string, AttributeValue>;

/** The primary key of a record. */
export function recordKey(partitionKey: string, sortKey: string): TableRecord {
  return {
    [TABLE_ATTRIBUTES.partitionKey]: { S: partitionKey },
    [TABLE_ATTRIBUTES.sortKey]: { S: sortKey },
  };
}

/** The attribute that lets DynamoDB delete a record. @param at milliseconds since the epoch */
export function expiry(at: number): TableRecord {
  return { [TABLE_ATTRIBUTES.expiry]: expiryTime(at) };
}

/** The value of that attribute. */
export function expiryTime(at: number): AttributeValue.NMember {
  return { N: String(Math.ceil(at / 1000)) };
}

/** Whether a record is past its time; DynamoDB may take days to delete it. @param now milliseconds since the epoch */
export function isExpired(record: TableRecord, now: number): boolean {
  const seconds = record[TABLE_ATTRIBUTES.expiry]?.N;
  return seconds !== undefined && Number(seconds) * 1000 <= now;
}

export function isConditionFailed(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException;
}
