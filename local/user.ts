import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { jobOf } from '../lambdas/adapters/dynamodb-job-record.ts';
import { createDynamoJobStore } from '../lambdas/adapters/dynamodb-job-store.ts';
import { systemClock } from '../lambdas/adapters/system-clock.ts';
import type { Job } from '../lambdas/contracts/job.ts';
import { documentKey, reportCsvKey } from '../lambdas/contracts/object-keys.ts';
import { isFinal } from '../lambdas/domain/job/states.ts';
import { type JobProgress, readProgress } from '../lambdas/pipeline/read-progress.ts';
import type { LocalCloud } from './local-cloud.ts';

const POLL_MILLISECONDS = 200;
/** The store is only read here, so how long it would keep what it writes does not matter. */
const KEEP_SECONDS = 0;

/** A user of a running deployment: uploads a file into the bucket and follows the job that this starts. */
export interface User {
  /** Puts a file where it starts an analysis. @returns the version of the object */
  upload(key: string, body: Uint8Array): Promise<string>;
  /** Follows the job of an upload to its end. @throws the reason of `signal` when it is aborted */
  follow(
    upload: { key: string; version: string },
    onProgress: (job: Job, progress: JobProgress) => void,
    signal: AbortSignal,
  ): Promise<Job>;
  /** The result document and the CSV report of a job that succeeded. */
  results(job: Job): Promise<{ document: string; csv: string }>;
  close(): void;
}

/** @throws Error when the deployment does not say where its bucket and its jobs are */
export function userOf(cloud: LocalCloud, tenant: string): User {
  const bucket = outputOf(cloud, 'DataBucketName');
  const table = outputOf(cloud, 'JobsTableName');
  const { accessKeyId, secretAccessKey } = cloud.developer;
  const access = {
    endpoint: cloud.endpoint,
    region: cloud.environment['AWS_REGION'] ?? '',
    credentials: { accessKeyId, secretAccessKey },
  };
  const s3 = new S3Client({ ...access, forcePathStyle: true });
  const dynamodb = new DynamoDBClient(access);
  const jobs = createDynamoJobStore({
    client: dynamodb,
    name: table,
    clock: systemClock,
    keepSeconds: KEEP_SECONDS,
  });

  async function jobOfUpload({ key, version }: { key: string; version: string }): Promise<Job | null> {
    const { Items = [] } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :tenant AND begins_with(sk, :job)',
        ExpressionAttributeValues: { ':tenant': { S: `tenant#${tenant}` }, ':job': { S: 'job#' } },
        ScanIndexForward: false,
        ConsistentRead: true,
      }),
    );
    const found = Items.map((item) => jobOf(item, systemClock.now()));
    return found.find((job) => job?.source.key === key && job.source.versionId === version) ?? null;
  }

  const text = async (key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (Body === undefined) throw new Error(`The object ${key} has no body.`);
    return Body.transformToString();
  };

  return {
    async upload(key, body) {
      const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
      if (VersionId === undefined) throw new Error('The data bucket keeps no versions.');
      return VersionId;
    },
    async follow(upload, onProgress, signal) {
      for (;;) {
        signal.throwIfAborted();
        const job = await jobOfUpload(upload);
        if (job !== null) {
          onProgress(job, await readProgress({ jobs, clock: systemClock }, job));
          if (isFinal(job.state)) return job;
        }
        await sleep(POLL_MILLISECONDS);
      }
    },
    async results({ tenant: owner, id, run }) {
      const jobRun = { tenant: owner, jobId: id, run };
      const [document, csv] = await Promise.all([text(documentKey(jobRun)), text(reportCsvKey(jobRun))]);
      return { document, csv };
    },
    close() {
      s3.destroy();
      dynamodb.destroy();
    },
  };
}

/** The value of an output, whichever stack has it. */
export function outputOf(cloud: Pick<LocalCloud, 'outputs'>, name: string): string {
  for (const outputs of Object.values(cloud.outputs)) {
    const value = outputs[name];
    if (typeof value === 'string') return value;
  }
  throw new Error(`No stack has an output ${name}.`);
}
