import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import {
  type BucketLevel,
  type BucketRate,
  latestFullAt,
  microseconds,
  stateOf,
  type TakeResult,
  takeTokens,
  tokenMicroseconds,
} from '../domain/job/token-bucket.ts';
import type { Clock } from '../ports/clock.ts';
import type { RateBucket } from '../ports/rate-bucket.ts';
import { expiryTime, isConditionFailed, recordKey, type TableRecord } from './dynamodb-records.ts';

/** Tries against others that use the bucket at the same moment; each that fails is one of theirs that succeeded. */
const TRIES = 20;
/** Buckets that are remembered between calls. */
const REMEMBERED = 1000;

type Within = { readonly abortSignal?: AbortSignal };

/** What a bucket has to be like for a token to be taken, and what it is like then. */
interface Step {
  readonly condition: string;
  readonly fullAt: string;
}

// Of a bucket that is full, and of one from which is being taken.
const FROM_FULL: Step = { condition: 'attribute_not_exists(fullAt) OR fullAt <= :now', fullAt: ':now' };
const FROM_USED: Step = { condition: 'fullAt > :now AND fullAt <= :latest', fullAt: 'fullAt' };

/**
 * Token buckets in a table. Each is one record, and so takes 1,000 requests a second at most.
 *
 * Tokens are taken with one conditional write. Which of the two steps it is depends on whether the bucket is full, so a second write
 * follows where that was guessed wrong. A level only ever grows: what was seen last says that a bucket cannot have been
 * full since, and of one without a token that it has none yet, for which nobody needs to be asked.
 *
 * @param timeoutMs after which `take` rejects; by default as long as the client tries
 */
export function createDynamoRateBucket(
  client: DynamoDBClient,
  table: string,
  clock: Clock,
  timeoutMs?: number,
): RateBucket {
  const seen = new Map<string, BucketLevel>();

  function remember(bucket: string, level: BucketLevel): void {
    if (seen.size >= REMEMBERED && !seen.has(bucket)) seen.clear();
    seen.set(bucket, level);
  }

  async function read(key: TableRecord, within: Within): Promise<BucketLevel | null> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }),
      within,
    );
    return levelOf(Item);
  }

  /** @returns the level after it; null when the bucket is not as the step wants it */
  async function attempt(
    key: TableRecord,
    step: Step,
    rate: BucketRate,
    count: number,
    within: Within,
  ): Promise<BucketLevel | null> {
    const now = clock.now();
    const tokens = count * tokenMicroseconds(rate);
    const latest = latestFullAt(rate, now, count);
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key,
          UpdateExpression: `SET fullAt = ${step.fullAt} + :tokens, #expiry = :expiry`,
          ConditionExpression: step.condition,
          ExpressionAttributeNames: { '#expiry': TABLE_ATTRIBUTES.expiry },
          ExpressionAttributeValues: {
            ':now': { N: String(microseconds(now)) },
            ':tokens': { N: String(tokens) },
            // The latest that it can be full again: full, it is no different from one that was never used.
            ':expiry': expiryTime((latest + tokens) / 1000),
            ...(step === FROM_USED && { ':latest': { N: String(latest) } }),
          },
          ReturnValues: 'ALL_NEW',
        }),
        within,
      );
      return levelOf(Attributes);
    } catch (error) {
      if (isConditionFailed(error)) return null;
      throw error;
    }
  }

  /** @returns the answer; null when another who took at the same moment was faster */
  async function tryTake(
    bucket: string,
    rate: BucketRate,
    count: number,
    within: Within,
  ): Promise<TakeResult | null> {
    const key = recordKey(bucket, 'bucket');
    const known = seen.get(bucket);
    const refusal = takeTokens(known ?? null, rate, clock.now(), count).result;
    if (!refusal.taken) return refusal;
    const steps =
      known !== undefined && known.fullAt > microseconds(clock.now()) ? [FROM_USED] : [FROM_FULL, FROM_USED];
    for (const step of steps) {
      const level = await attempt(key, step, rate, count, within);
      if (level === null) continue;
      remember(bucket, level);
      return { taken: true, ...stateOf(level, rate, clock.now()) };
    }
    const level = await read(key, within);
    if (level !== null) remember(bucket, level);
    const { result } = takeTokens(level, rate, clock.now(), count);
    return result.taken ? null : result;
  }

  return {
    async take(tenant, name, rate, count = 1) {
      const within = timeoutMs === undefined ? {} : { abortSignal: AbortSignal.timeout(timeoutMs) };
      for (let tries = 1; tries <= TRIES; tries++) {
        const result = await tryTake(`bucket#${tenant}#${name}`, rate, count, within);
        if (result !== null) return result;
      }
      throw new Error(`The bucket ${name} of ${tenant} changed ${TRIES} times while it was being read.`);
    },
  };
}

function levelOf(record: TableRecord | undefined): BucketLevel | null {
  const fullAt = record?.['fullAt']?.N;
  return fullAt === undefined ? null : { fullAt: Number(fullAt) };
}
