import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type DataFolder, WATCHED_JOBS_INDEX } from '../../lambdas/contracts/key-layout.ts';
import type { WorkQueueName } from '../config/work-queues.ts';
import type { AlertTopic } from '../constructs/alert-topic.ts';
import type { DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import type { PrivateBucket } from '../constructs/private-bucket.ts';
import type { ServiceFunction } from '../constructs/service-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import type { WebhookDeliveries } from './webhook-deliveries.ts';

interface Resources {
  readonly dataBucket: PrivateBucket;
  readonly jobsTable: TableV2;
  readonly alerts: AlertTopic;
  readonly queues: Readonly<Record<WorkQueueName, WorkQueue>>;
  readonly undeliveredUploads: DeadLetterQueue;
  readonly webhooks: WebhookDeliveries;
}

/** What each function of the pipeline may do, and nothing else. The local cloud holds every call against it. */
export class PipelineGrants {
  readonly #resources: Resources;

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  /**
   * Reads inputs and, over a history, earlier results; takes tenants' tokens, does small jobs to the end, and may find a
   * phase complete.
   */
  forPlanning(worker: ServiceFunction): void {
    this.#jobs(worker, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
    this.#reads(worker, 'uploads', 'payloads', 'partials', 'results');
    this.#writes(worker, 'partials', 'results', 'reports');
    this.#sends(worker, 'analysis', 'signature', 'report');
    this.#tells(worker);
  }

  /** Reads inputs, partials and earlier results, writes partials and results, and commits what is done. */
  forScanning(worker: ServiceFunction): void {
    this.#jobs(worker, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
    this.#reads(worker, 'uploads', 'payloads', 'partials', 'results');
    this.#writes(worker, 'partials', 'results');
    this.#sends(worker, 'signature', 'report');
    this.#tells(worker);
  }

  /** Reads results, and what the partials say together; writes reports. */
  forReporting(worker: ServiceFunction): void {
    this.#jobs(worker, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
    this.#reads(worker, 'partials', 'results');
    this.#writes(worker, 'reports');
    this.#tells(worker);
  }

  /** Finds stranded jobs, looks whether files came after all, sends what is missing again, and counts dead letters. */
  forSweeping(sweep: ServiceFunction): void {
    const { jobsTable, undeliveredUploads, webhooks } = this.#resources;
    this.#jobs(sweep, 'dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem');
    this.#jobs(sweep, 'dynamodb:Query', 'dynamodb:UpdateItem');
    sweep.allow(['dynamodb:Query'], [`${jobsTable.tableArn}/index/${WATCHED_JOBS_INDEX.name}`]);
    this.#reads(sweep, 'uploads');
    this.#sends(sweep, 'analysis', 'signature', 'report');
    this.#tells(sweep);
    const deadLetters = [...this.#deadLetters(), webhooks.workQueue.deadLetters.queueArn];
    sweep.allow(['sqs:GetQueueAttributes'], [...deadLetters, undeliveredUploads.queueArn]);
  }

  forCancelling(cancel: ServiceFunction): void {
    this.#jobs(cancel, 'dynamodb:GetItem', 'dynamodb:PutItem');
    this.#sends(cancel, 'analysis');
  }

  /** Starts jobs again, perhaps with a newer upload, once their failure is told, and empties dead-letter queues. */
  forRedriving(redrive: ServiceFunction): void {
    this.#jobs(redrive, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query');
    this.#reads(redrive, 'uploads');
    this.#sends(redrive, 'analysis', 'signature', 'report');
    this.#resources.webhooks.canBeSentToBy(redrive);
    redrive.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage'], this.#deadLetters());
  }

  #deadLetters(): string[] {
    return Object.values(this.#resources.queues).map(({ deadLetters }) => deadLetters.queueArn);
  }

  #jobs(grantee: ServiceFunction, ...actions: string[]): void {
    grantee.allow(actions, [this.#resources.jobsTable.tableArn]);
  }

  /** Versions too, since a job reads the version it began with. */
  #reads(grantee: ServiceFunction, ...folders: DataFolder[]): void {
    const { dataBucket } = this.#resources;
    grantee.allowInFolders(['s3:GetObject', 's3:GetObjectVersion'], dataBucket, folders);
    // Without it S3 answers 403 and not 404 about an object that is not there.
    grantee.allow(['s3:ListBucket'], [dataBucket.bucketArn]);
  }

  #writes(grantee: ServiceFunction, ...folders: DataFolder[]): void {
    grantee.allowInFolders(['s3:PutObject', 's3:AbortMultipartUpload'], this.#resources.dataBucket, folders);
  }

  #sends(grantee: ServiceFunction, ...queues: WorkQueueName[]): void {
    grantee.allow(
      ['sqs:SendMessage'],
      queues.map((queue) => this.#resources.queues[queue].queue.queueArn),
    );
  }

  /** People of failures, and webhooks of every end. */
  #tells(grantee: ServiceFunction): void {
    const { alerts, webhooks } = this.#resources;
    const { topicArn, masterKey } = alerts;
    webhooks.canBeSentToBy(grantee);
    grantee.allow(['sns:Publish'], [topicArn]);
    if (masterKey !== undefined) grantee.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [masterKey.keyArn]);
  }
}
