import { createReadStream, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { jobOf } from '../../lambdas/adapters/dynamodb-job-record.ts';
import type { Job } from '../../lambdas/contracts/job.ts';
import { isFinal } from '../../lambdas/domain/job/states.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { outputOf } from '../../local/user.ts';

const POLL_MILLISECONDS = 20;

/** Uploads and waits as a user would, with as little of its own to be measured as possible. */
export interface BenchClient {
  upload(key: string, body: string | Uint8Array): Promise<void>;
  uploadFile(key: string, path: string): Promise<void>;
  /** All jobs of a tenant, once there are so many and all of them are over. @throws Error when one did not succeed */
  finished(tenant: string, count: number): Promise<Job[]>;
  close(): void;
}

export function benchClient(cloud: LocalCloud): BenchClient {
  const { accessKeyId, secretAccessKey } = cloud.developer;
  const access = {
    endpoint: cloud.endpoint,
    region: cloud.environment['AWS_REGION'] ?? '',
    credentials: { accessKeyId, secretAccessKey },
  };
  const s3 = new S3Client({ ...access, forcePathStyle: true });
  const dynamodb = new DynamoDBClient(access);
  const Bucket = outputOf(cloud, 'DataBucketName');
  const TableName = outputOf(cloud, 'JobsTableName');

  async function jobsOf(tenant: string): Promise<Job[]> {
    const jobs: Job[] = [];
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName,
        KeyConditionExpression: 'pk = :tenant AND begins_with(sk, :job)',
        ExpressionAttributeValues: { ':tenant': { S: `tenant#${tenant}` }, ':job': { S: 'job#' } },
      },
    );
    for await (const { Items = [] } of pages)
      jobs.push(...Items.flatMap((item) => jobOf(item, Date.now()) ?? []));
    return jobs;
  }

  return {
    async upload(Key, Body) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    async uploadFile(Key, path) {
      const ContentLength = statSync(path).size;
      await s3.send(new PutObjectCommand({ Bucket, Key, ContentLength, Body: createReadStream(path) }));
    },
    async finished(tenant, count) {
      for (;;) {
        const jobs = await jobsOf(tenant);
        if (jobs.length === count && jobs.every(({ state }) => isFinal(state))) {
          const failed = jobs.find(({ state }) => state !== 'SUCCEEDED');
          if (failed === undefined) return jobs;
          throw new Error(`${failed.id} ended as ${failed.state}: ${failed.error?.message}`);
        }
        await sleep(count > 1 ? 10 * POLL_MILLISECONDS : POLL_MILLISECONDS);
      }
    },
    close() {
      s3.destroy();
      dynamodb.destroy();
    },
  };
}
