import { CfnOutput, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { type Bucket, CfnBucket, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import {
  DATA_FOLDERS,
  type DataFolder,
  folderPrefix,
  TABLE_ATTRIBUTES,
  WATCHED_JOBS_INDEX,
} from '../../lambdas/contracts/key-layout.ts';
import type { Stage } from '../config/stage.ts';
import { DEAD_LETTER_RETENTION_DAYS } from '../config/work-queues.ts';
import { AlertKey, AlertTopic } from '../constructs/alert-topic.ts';
import { PrivateBucket } from '../constructs/private-bucket.ts';
import { StageBudget } from './budget.ts';
import { ResultsCache } from './cache.ts';
import { ResultsDatabase } from './database.ts';
import { DatabaseSchema } from './database-schema.ts';
import { StageStack, type StageStackProps } from './stage-stack.ts';
import { watchTable } from './table-alarms.ts';

export interface StorageStackProps extends StageStackProps {
  readonly vpc: IVpc;
  /** Who is mailed what can wait until the morning. */
  readonly alertEmail: string | undefined;
  /** Who is mailed what somebody is woken for. */
  readonly pageEmail: string | undefined;
}

/**
 * What has to survive a new version of everything else: the data bucket and its access log, the tables, the
 * database, the cache, and the alert topic with the subscriptions people confirmed. Every other stack may depend on this
 * one; it depends on the network only.
 */
export class StorageStack extends StageStack {
  readonly dataBucket: PrivateBucket;
  readonly jobsTable: TableV2;
  /** Tokens, rate buckets and idempotency keys of the API. */
  readonly accessTable: TableV2;
  readonly database: ResultsDatabase;
  readonly schema: DatabaseSchema;
  readonly cache: ResultsCache;
  /** What can wait until the morning. */
  readonly alerts: AlertTopic;
  /** What somebody is woken for. */
  readonly pages: AlertTopic;

  constructor(scope: Construct, id: string, props: StorageStackProps) {
    const { stage, vpc } = props;
    super(scope, id, stage, {
      purpose: 'storage',
      description: 'CreativeDynamics: data bucket, tables, database, cache, alert topic',
      holdsData: true,
    });
    this.dataBucket = this.createDataBucket(stage);
    this.jobsTable = this.createJobsTable(stage);
    this.accessTable = this.createAccessTable(stage);
    const alarmNamePrefix = `${stage.deployment}-`;
    const key = new AlertKey(this, 'AlertsKey', { alarmNamePrefix });
    this.alerts = new AlertTopic(this, 'Alerts', { key, alarmNamePrefix, email: props.alertEmail });
    this.pages = new AlertTopic(this, 'Pages', { key, alarmNamePrefix, email: props.pageEmail });
    const { alerts } = this;
    watchTable(this.jobsTable, { part: 'jobs', indexes: [WATCHED_JOBS_INDEX.name], alerts });
    watchTable(this.accessTable, { part: 'access', indexes: [], alerts });
    this.database = new ResultsDatabase(this, 'Database', { stage, vpc, alerts });
    this.schema = new DatabaseSchema(this, 'Schema', { stage, vpc, database: this.database });
    new StageBudget(this, 'Budget', { stage, alerts });
    this.cache = new ResultsCache(this, 'Cache', { stage, vpc, alerts });

    new CfnOutput(this, 'DataBucketName', { value: this.dataBucket.bucketName });
    new CfnOutput(this, 'JobsTableName', { value: this.jobsTable.tableName });
    new CfnOutput(this, 'AccessTableName', { value: this.accessTable.tableName });
    new CfnOutput(this, 'DatabaseEndpoint', {
      value: this.database.cluster.clusterEndpoint.socketAddress,
    });
    new CfnOutput(this, 'AlertTopicArn', { value: this.alerts.topicArn });
    new CfnOutput(this, 'PageTopicArn', { value: this.pages.topicArn });
  }

  private createDataBucket(stage: Stage): PrivateBucket {
    const bucket = new PrivateBucket(this, 'Data', {
      retained: stage.keepsData,
      versioned: true,
      // The only record of who fetched a tenant's data with a presigned link.
      accessLog: { bucket: this.createAccessLogBucket(stage), prefix: 'data/' },
      lifecycleRules: [...expiryRules(stage), UNFINISHED_UPLOADS],
    });
    sendEventsToEventBridge(bucket);
    return bucket;
  }

  private createAccessLogBucket(stage: Stage): PrivateBucket {
    const bucket = new PrivateBucket(this, 'AccessLogs', {
      retained: stage.keepsData,
      versioned: false,
      lifecycleRules: [{ id: 'expire', expiration: Duration.days(stage.retentionDays.accessLogs) }],
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'It is the access log: logging the access to a log would write a log entry for every log entry.',
    });
    return bucket;
  }

  private createJobsTable(stage: Stage): TableV2 {
    return new TableV2(this, 'Jobs', {
      ...tableProps(stage),
      globalSecondaryIndexes: [
        {
          indexName: WATCHED_JOBS_INDEX.name,
          partitionKey: { name: WATCHED_JOBS_INDEX.partitionKey, type: AttributeType.STRING },
          sortKey: { name: WATCHED_JOBS_INDEX.sortKey, type: AttributeType.STRING },
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    });
  }

  /** Apart from the jobs, so that the authorizer, which every request passes, can read nothing of them. */
  private createAccessTable(stage: Stage): TableV2 {
    return new TableV2(this, 'Access', tableProps(stage));
  }
}

/** What every table has. Encrypted with DynamoDB's own key, which is what a table has when it names none. */
function tableProps(stage: Stage) {
  return {
    partitionKey: { name: TABLE_ATTRIBUTES.partitionKey, type: AttributeType.STRING },
    sortKey: { name: TABLE_ATTRIBUTES.sortKey, type: AttributeType.STRING },
    timeToLiveAttribute: TABLE_ATTRIBUTES.expiry,
    billing: Billing.onDemand(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: stage.keepsData,
    removalPolicy: stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  } as const;
}

// A client may take 24 h over an upload; S3 counts from the midnight after it began, so one day never cuts that short.
const UNFINISHED_UPLOADS: LifecycleRule = {
  id: 'unfinished-uploads',
  abortIncompleteMultipartUploadAfter: Duration.days(1),
};

function expiryRules(stage: Stage): LifecycleRule[] {
  return DATA_FOLDERS.map((folder) => ({
    id: folder,
    prefix: folderPrefix(folder),
    expiration: Duration.days(stage.retentionDays[folder]),
    noncurrentVersionExpiration: Duration.days(oldVersionDays(folder)),
  }));
}

/**
 * An upload that was overwritten or deleted stays readable for the jobs that named its version, also when they are
 * sent again from a dead-letter queue. Everything else is written once, so only expiry leaves an old version behind.
 */
function oldVersionDays(folder: DataFolder): number {
  return folder === 'uploads' ? DEAD_LETTER_RETENTION_DAYS : 1;
}

/**
 * Turns the bucket's events on in the template itself. The construct library would do it with a function that calls
 * S3 during the deployment, under a role that may change the notifications of every bucket of the account.
 */
function sendEventsToEventBridge(bucket: Bucket): void {
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof CfnBucket)) throw new Error(`${bucket.node.path} has no bucket resource.`);
  resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
}
