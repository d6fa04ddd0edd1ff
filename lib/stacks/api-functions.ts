import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { ControlEnvironment } from '../../lambdas/contracts/environment.ts';
import type { Stage } from '../config/stage.ts';
import type { AlertTopic } from '../constructs/alert-topic.ts';
import type { PrivateBucket } from '../constructs/private-bucket.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import { API_ALARM_TEXTS } from './api-alarm-texts.ts';

export interface ApiFunctionsProps {
  readonly stage: Stage;
  readonly dataBucket: PrivateBucket;
  readonly jobsTable: TableV2;
  readonly accessTable: TableV2;
  readonly analysisQueue: WorkQueue;
  readonly alerts: AlertTopic;
  /** Value of the API key that requests are counted under. */
  readonly usageKey: string;
}

/** API Gateway waits no longer. */
const LONGEST_ANSWER = Duration.seconds(29);
const AUTHORIZER_TIMEOUT = Duration.seconds(5);
/** Much more than is needed, for the share of a processor that comes with it: somebody waits for every answer. */
const API_MEMORY_MIB = 1024;
const AUTHORIZER_MEMORY_MIB = 512;
/** A crash or two are answered with a 5xx each, which the alarm of the whole API counts. */
const TOLERATED_ERRORS = 2;

/** The functions behind the API, each with the least it needs, and the authorizer before them. */
export class ApiFunctions extends Construct {
  readonly control: ServiceFunction;
  readonly authorizer: ServiceFunction;

  constructor(scope: Construct, id: string, props: ApiFunctionsProps) {
    super(scope, id);
    const { alerts } = props;
    this.control = this.createControl(props);
    this.control.watchErrors(alerts, API_ALARM_TEXTS.control, TOLERATED_ERRORS);
    this.authorizer = this.createAuthorizer(props);
    this.authorizer.watchErrors(alerts, API_ALARM_TEXTS.authorizer, TOLERATED_ERRORS);
  }

  get all(): ServiceFunction[] {
    return [this.control, this.authorizer];
  }

  private createControl(props: ApiFunctionsProps): ServiceFunction {
    const { stage, dataBucket, jobsTable, accessTable, analysisQueue } = props;
    const { partials, reports } = stage.retentionDays;
    const environment: ControlEnvironment = {
      DATA_BUCKET: dataBucket.bucketName,
      JOBS_TABLE: jobsTable.tableName,
      ACCESS_TABLE: accessTable.tableName,
      ANALYSIS_QUEUE_URL: analysisQueue.queue.queueUrl,
      METRICS_NAMESPACE: stage.deployment,
      RECORD_DAYS: String(partials + reports),
      CORS_ORIGINS: stage.api.corsOrigins.join(' '),
    };
    const control = new ServiceFunction(this, 'Control', {
      entry: 'api-control',
      description: 'Answers requests about jobs, datasets and tokens, and describes the API',
      timeout: LONGEST_ANSWER,
      memoryMiB: API_MEMORY_MIB,
      environment,
      logRetention: stage.logRetentionDays,
    });
    control.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], [jobsTable.tableArn]);
    // Tokens, rate buckets and idempotency keys.
    control.allow(
      ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'].map((action) => `dynamodb:${action}`),
      [accessTable.tableArn],
    );
    control.allow(['sqs:SendMessage'], [analysisQueue.queue.queueArn]);
    return control;
  }

  /** Finds tokens by the hash of their secret, and notes that they were used. */
  private createAuthorizer({ stage, accessTable, usageKey }: ApiFunctionsProps): ServiceFunction {
    const authorizer = new ServiceFunction(this, 'Authorize', {
      entry: 'authorize',
      description: 'Finds out who calls the API, and what they may do',
      timeout: AUTHORIZER_TIMEOUT,
      memoryMiB: AUTHORIZER_MEMORY_MIB,
      environment: {
        ACCESS_TABLE: accessTable.tableName,
        METRICS_NAMESPACE: stage.deployment,
        USAGE_KEY: usageKey,
        REQUESTS_PER_MINUTE: String(stage.api.requestsPerMinute),
      },
      logRetention: stage.logRetentionDays,
    });
    authorizer.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [accessTable.tableArn]);
    return authorizer;
  }
}
