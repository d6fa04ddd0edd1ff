import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { TABLE_ATTRIBUTES } from '../contracts/key-layout.ts';
import type { TimelineRemover } from '../ports/timeline-remover.ts';
import { deleteAll } from './dynamodb-delete.ts';
import { eventPartition } from './dynamodb-job-record.ts';
import type { TableRecord } from './dynamodb-records.ts';

/** Removes timelines from the jobs table, a page of a query at a time. */
export function createDynamoTimelineRemover(client: DynamoDBClient, table: string): TimelineRemover {
  const { partitionKey, sortKey } = TABLE_ATTRIBUTES;
  return {
    async remove(job) {
      let next: TableRecord | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: '#pk = :pk',
            ProjectionExpression: '#pk, #sk',
            ExpressionAttributeNames: { '#pk': partitionKey, '#sk': sortKey },
            ExpressionAttributeValues: { ':pk': { S: eventPartition(job) } },
            ConsistentRead: true,
            ExclusiveStartKey: next,
          }),
        );
        await deleteAll(client, table, page.Items ?? []);
        next = page.LastEvaluatedKey;
      } while (next !== undefined);
    },
  };
}
