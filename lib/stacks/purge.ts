import { CfnOutput, Duration, Validations } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { PurgeEnvironment } from '../../lambdas/contracts/environment.ts';
import { DATA_FOLDERS, WATCHED_JOBS_INDEX } from '../../lambdas/contracts/key-layout.ts';
import type { Stage } from '../config/stage.ts';
import { ConnectedFunction } from '../constructs/connected-function.ts';
import type { AlarmText } from '../constructs/operational-alarm.ts';
import type { PrivateBucket } from '../constructs/private-bucket.ts';
import type { ResultsDatabase } from './database.ts';

export interface PurgeProps {
  readonly stage: Stage;
  readonly vpc: IVpc;
  readonly database: ResultsDatabase;
  readonly dataBucket: PrivateBucket;
  readonly jobsTable: TableV2;
  readonly accessTable: TableV2;
  readonly alerts: ITopic;
}

const EVERY = Duration.minutes(1);
const JOBS_ACTIONS = ['GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem', 'Query'];
/** What a tenant has is found by reading all records, and removed many at a time. Of tokens it learns only where they are. */
const REMOVAL_ACTIONS = ['Query', 'Scan', 'BatchWriteItem'];

/**
 * Deletes datasets, and all of a tenant where that is asked for by hand. It lives in the network, from where it reaches
 * everything that there is of them: the database, the bucket, the tables. What is to be deleted stands in the table until
 * it is done, so that a schedule is all it takes to try again.
 */
export class Purge extends ConnectedFunction {
  constructor(scope: Construct, id: string, props: PurgeProps) {
    const { stage, vpc, database, dataBucket, jobsTable, accessTable } = props;
    const { partials, reports } = stage.retentionDays;
    const environment: PurgeEnvironment = {
      DATA_BUCKET: dataBucket.bucketName,
      JOBS_TABLE: jobsTable.tableName,
      ACCESS_TABLE: accessTable.tableName,
      RECORD_DAYS: String(partials + reports),
    };
    super(scope, id, {
      entry: 'purge',
      description: 'Deletes datasets with everything that came of them; operation: all of a tenant',
      timeout: Duration.minutes(15),
      memoryMiB: 512,
      environment,
      stage,
      vpc,
    });
    this.connectsTo(database.accessFor('writer'));
    const onTables = (name: string) => `dynamodb:${name}`;
    this.allow(JOBS_ACTIONS.map(onTables), [jobsTable.tableArn]);
    this.allow(REMOVAL_ACTIONS.map(onTables), [jobsTable.tableArn, accessTable.tableArn]);
    this.allow(['dynamodb:Query'], [`${jobsTable.tableArn}/index/${WATCHED_JOBS_INDEX.name}`]);
    this.allowInFolders(['s3:DeleteObjectVersion'], dataBucket, [...DATA_FOLDERS]);
    this.allow(['s3:ListBucketVersions'], [dataBucket.bucketArn]);
    this.watchErrors(props.alerts, ERRORS, 2);
    this.runRegularly();
    new CfnOutput(this, 'Name', { value: this.function.functionName }).overrideLogicalId('PurgeFunctionName');
  }

  private runRegularly(): void {
    const rule = new Rule(this, 'Purging', {
      description: 'Delete what is to be deleted',
      schedule: Schedule.rate(EVERY),
      // The next run comes soon enough.
      targets: [new LambdaFunction(this.function, { maxEventAge: EVERY, retryAttempts: 0 })],
    });
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'A run that was not delivered is made up for by the next, a minute later.',
    });
  }
}

const ERRORS: AlarmText = {
  impact:
    'Datasets that were deleted are gone from lists, but their files and results are still kept. So is what tenants left that were.',
  firstAction: 'Read the error in the log of the purging function; what failed is tried again every minute.',
  runbook: 'purging-errors',
  severity: 'ticket',
};
