import { GetItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import type { CommitSet, CommitValue, JobStore } from '../ports/job-store.ts';
import type { JobTable } from './dynamodb-job-store.ts';
import { expiry, isConditionFailed, recordKey, type TableRecord } from './dynamodb-records.ts';

/** A set of up to so many members is one record. */
const WHOLE_SET_MEMBERS = 128;
/** A larger set has its members in slices, since an addition costs the size of the whole record it is made to. */
const SLICE_MEMBERS = 32;
/** What is known of the slices' sizes: the size of a sliced set without reading all of it. */
const SUMMARY = 'summary';

// Attributes of members and, in the summary, of slices.
const MEMBER = /^m(\d+)$/;
const SLICE = /^s(\d+)$/;

const valueSchema = z.record(z.string(), z.number().nullable());

type Commits = Pick<JobStore, 'commit' | 'hasCommitted' | 'commits'>;

/**
 * Sets of finished tasks. A member is an attribute with what its task left behind, and is set if it is not there: an
 * addition is one write, the same however often it is made, and answers with the whole record.
 *
 * In a sliced set the size of the slice then goes into a summary, where it can only grow. Of the additions that complete
 * the slices, the one whose summary is written last is answered with the full size. Others may be told less than there
 * is, as the sizes of slices are still on their way.
 */
export function createCommits({ client, name, clock, keepSeconds }: JobTable): Commits {
  async function update(
    Key: TableRecord,
    attribute: string,
    value: TableRecord[string],
    write: { readonly set: string; readonly condition?: string },
  ): Promise<TableRecord> {
    const { Attributes = {} } = await client.send(
      new UpdateItemCommand({
        TableName: name,
        Key,
        UpdateExpression: `SET #own = ${write.set}, #expiry = if_not_exists(#expiry, :expiry)`,
        ...(write.condition !== undefined && { ConditionExpression: write.condition }),
        ExpressionAttributeNames: { '#own': attribute, '#expiry': TABLE_ATTRIBUTES.expiry },
        ExpressionAttributeValues: { ':own': value, ':expiry': expiryValue() },
        ReturnValues: 'ALL_NEW',
      }),
    );
    return Attributes;
  }

  function expiryValue(): TableRecord[string] {
    return expiry(clock.now() + keepSeconds * 1000)[TABLE_ATTRIBUTES.expiry] ?? { NULL: true };
  }

  async function read(Key: TableRecord): Promise<TableRecord> {
    const { Item = {} } = await client.send(
      new GetItemCommand({ TableName: name, Key, ConsistentRead: true }),
    );
    return Item;
  }

  /** Tells the summary that a slice has grown to a size, and adds up what it knows of all. */
  async function summarise(set: CommitSet, slice: number, size: number): Promise<number> {
    const key = recordKey(partitionOf(set), SUMMARY);
    try {
      const grow = { set: ':own', condition: 'attribute_not_exists(#own) OR #own < :own' };
      return sumOf(await update(key, `s${slice}`, { N: String(size) }, grow));
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      return sumOf(await read(key));
    }
  }

  return {
    async commit(set, member, value) {
      const json = { S: JSON.stringify(value) };
      const keep = { set: 'if_not_exists(#own, :own)' };
      const record = await update(memberKey(set, member), `m${member}`, json, keep);
      const size = membersOf(record).length;
      if (isWhole(set)) return { size };
      return { size: await summarise(set, sliceOf(member), size) };
    },

    hasCommitted: async (set, member) => `m${member}` in (await read(memberKey(set, member))),

    async commits(set) {
      const members: [number, CommitValue][] = [];
      let next: TableRecord | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: name,
            KeyConditionExpression: '#pk = :pk',
            ExpressionAttributeNames: { '#pk': TABLE_ATTRIBUTES.partitionKey },
            ExpressionAttributeValues: { ':pk': { S: partitionOf(set) } },
            ConsistentRead: true,
            ExclusiveStartKey: next,
          }),
        );
        members.push(...(page.Items ?? []).flatMap(membersOf));
        next = page.LastEvaluatedKey;
      } while (next !== undefined);
      return new Map(members);
    },
  };
}

function partitionOf({ tenant, jobId, run, name }: CommitSet): string {
  return `commits#${tenant}#${jobId}#${run}#${name}`;
}

function isWhole({ capacity }: CommitSet): boolean {
  return capacity <= WHOLE_SET_MEMBERS;
}

function sliceOf(member: number): number {
  return Math.floor(member / SLICE_MEMBERS);
}

function memberKey(set: CommitSet, member: number): TableRecord {
  return recordKey(partitionOf(set), isWhole(set) ? 'whole' : `slice#${sliceOf(member)}`);
}

function membersOf(record: TableRecord): [number, CommitValue][] {
  return numbered(record, MEMBER).map(([member, { S = '{}' }]) => [member, valueSchema.parse(JSON.parse(S))]);
}

function sumOf(summary: TableRecord): number {
  return numbered(summary, SLICE).reduce((sum, [, { N }]) => sum + Number(N), 0);
}

function numbered(record: TableRecord, pattern: RegExp): [number, TableRecord[string]][] {
  return Object.entries(record).flatMap(([attribute, value]): [number, TableRecord[string]][] => {
    const number = pattern.exec(attribute)?.[1];
    return number === undefined ? [] : [[Number(number), value]];
  });
}
