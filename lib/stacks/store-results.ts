import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { PipelineEnvironment } from '../../lambdas/contracts/environment.ts';
import type { Stage } from '../config/stage.ts';
import { ConnectedFunction } from '../constructs/connected-function.ts';
import type { AlarmText } from '../constructs/operational-alarm.ts';
import type { PrivateBucket } from '../constructs/private-bucket.ts';
import type { ServiceFunction } from '../constructs/service-function.ts';
import type { ResultsDatabase } from './database.ts';

export interface StoreResultsProps {
  readonly stage: Stage;
  readonly vpc: IVpc;
  readonly database: ResultsDatabase;
  readonly dataBucket: PrivateBucket;
  readonly jobsTable: TableV2;
  readonly alerts: ITopic;
  readonly environment: PipelineEnvironment;
}

/** Of either half of the young generation. */
const YOUNG_MIB = 8;

/**
 * Stores in the database what a job found, and writes the histories that jobs read. It lives in the network, where it
 * reaches the database but no queue; the workers that call it live outside.
 */
export class StoreResults extends ConnectedFunction {
  constructor(scope: Construct, id: string, props: StoreResultsProps) {
    const { stage, vpc, database, dataBucket, jobsTable } = props;
    super(scope, id, {
      entry: 'store-results',
      description: 'Stores in the database what a job found, and writes the histories that jobs read',
      // Within that of the reporting function, which waits for it.
      timeout: Duration.minutes(4),
      memoryMiB: 1024,
      environment: props.environment,
      stage,
      vpc,
    });
    // Lines are read, written and forgotten; the young generation would otherwise grow to a third of all memory for that.
    this.function.addEnvironment('NODE_OPTIONS', `--enable-source-maps --max-semi-space-size=${YOUNG_MIB}`);
    this.connectsTo(database.accessFor('writer'));
    this.allow(['dynamodb:GetItem'], [jobsTable.tableArn]);
    this.allowInFolders(['s3:GetObject'], dataBucket, ['results', 'reports', 'payloads']);
    // The histories that jobs read, beside the bodies of requests.
    this.allowInFolders(['s3:PutObject', 's3:AbortMultipartUpload'], dataBucket, ['payloads']);
    // Without it S3 answers 403 and not 404 about an object that is not there.
    this.allow(['s3:ListBucket'], [dataBucket.bucketArn]);
    this.watch({ alerts: props.alerts, ...ALARM_TEXTS });
  }

  /** Lets a worker call this function, and tells it which it is. */
  isCalledBy(worker: ServiceFunction): void {
    worker.allow(['lambda:InvokeFunction'], [this.function.functionArn]);
    worker.function.addEnvironment('STORE_RESULTS_FUNCTION', this.function.functionName);
  }
}

/** Whoever calls it tries again, so nothing is lost while it fails. */
const ALARM_TEXTS = {
  errors: {
    impact: 'Results are analysed but cannot be stored for queries, so their jobs are late or fail.',
    firstAction: 'Read the error in the log of the storing function; the database is the usual cause.',
    runbook: 'storing-errors',
    severity: 'ticket',
  },
  slow: {
    impact: 'Storing results comes near its time limit, so the jobs with the most creatives will fail soon.',
    firstAction: 'Look at the capacity of the database, then for the slowest jobs in the log.',
    runbook: 'storing-slow',
    severity: 'ticket',
  },
} as const satisfies Record<string, AlarmText>;
