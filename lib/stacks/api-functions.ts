import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ControlEnvironment } from '../../lambdas/contracts/environment.ts';
import { METRICS } from '../../lambdas/contracts/metric-names.ts';
import { ConnectedFunction } from '../constructs/connected-function.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { API_ALARM_TEXTS } from './api-alarm-texts.ts';
import { type ApiFunctionsProps, apiEnvironment, authorizerEnvironment } from './api-environment.ts';

/** API Gateway waits no longer. */
const LONGEST_ANSWER = Duration.seconds(29);
const AUTHORIZER_TIMEOUT = Duration.seconds(5);
/** Much more than is needed, for the share of a processor that comes with it: somebody waits for every answer. */
const API_MEMORY_MIB = 1024;
const AUTHORIZER_MEMORY_MIB = 512;
/** A crash or two are answered with a 5xx each, which the alarm of the whole API counts. */
const TOLERATED_ERRORS = 2;

/** What the rate buckets and idempotency keys of every request take. */
const BUCKETS_AND_KEYS = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'].map(onTables);
/** What lists of records take that lead to others. */
const LISTS = ['Query', 'BatchGetItem'];

const READ = ['s3:GetObject', 's3:GetObjectVersion'];
const WRITE = ['s3:PutObject', 's3:AbortMultipartUpload'];

/** The functions behind the API, each with the least it needs, and the authorizer before them. */
export class ApiFunctions extends Construct {
  readonly control: ServiceFunction;
  readonly query: ServiceFunction;
  readonly analyze: ServiceFunction;
  readonly authorizer: ServiceFunction;

  constructor(scope: Construct, id: string, props: ApiFunctionsProps) {
    super(scope, id);
    const { alerts } = props;
    this.control = this.createControl(props);
    this.control.watchErrors(alerts, API_ALARM_TEXTS.control, TOLERATED_ERRORS);
    this.query = this.createQuery(props);
    this.query.watchErrors(alerts, API_ALARM_TEXTS.query, TOLERATED_ERRORS);
    this.analyze = this.createAnalyze(props);
    this.analyze.watchErrors(alerts, API_ALARM_TEXTS.analyze, TOLERATED_ERRORS);
    this.authorizer = this.createAuthorizer(props);
    this.authorizer.watchCount(
      alerts,
      API_ALARM_TEXTS.authorizer,
      // Not its errors, among which is every caller who is refused: API Gateway takes no other word for that.
      new Metric({ namespace: props.stage.deployment, metricName: METRICS.authorizationsFailed }),
      TOLERATED_ERRORS,
    );
  }

  get all(): ServiceFunction[] {
    return [this.control, this.query, this.analyze, this.authorizer];
  }

  private createControl(props: ApiFunctionsProps): ServiceFunction {
    const { stage, dataBucket, jobsTable, analysisQueue, webhooks } = props;
    const environment: ControlEnvironment = {
      ...apiEnvironment(props),
      ANALYSIS_QUEUE_URL: analysisQueue.queue.queueUrl,
      DELIVERY_QUEUE_URL: webhooks.workQueue.queue.queueUrl,
    };
    const control = new ServiceFunction(this, 'Control', {
      entry: 'api-control',
      description: 'Answers requests about jobs, datasets, tokens and webhooks, and describes the API',
      timeout: LONGEST_ANSWER,
      memoryMiB: API_MEMORY_MIB,
      environment,
      stage,
    });
    control.allow(['GetItem', 'PutItem', 'DeleteItem', 'Query'].map(onTables), [jobsTable.tableArn]);
    // Whoever has an address that it signed may do with it what the function itself may. Bodies of batches are kept
    // beside the uploads, and read back for their version.
    control.allowInFolders([...READ, ...WRITE], dataBucket, ['uploads', 'payloads']);
    control.allowInFolders(['s3:ListMultipartUploadParts'], dataBucket, ['uploads']);
    // Without it S3 answers 403 and not 404 about an object that is not there.
    control.allow(['s3:ListBucket'], [dataBucket.bucketArn]);
    // Tokens, rate buckets and idempotency keys.
    control.allow([...BUCKETS_AND_KEYS, ...LISTS.map(onTables)], [props.accessTable.tableArn]);
    control.allow(['sqs:SendMessage'], [analysisQueue.queue.queueArn]);
    webhooks.canBeSentToBy(control);
    return control;
  }

  /** In the network, where the database and the cache are. */
  private createQuery(props: ApiFunctionsProps): ServiceFunction {
    const { jobsTable, accessTable, dataBucket, database, cache } = props;
    const query = this.createConnected(
      'Query',
      'api-query',
      'Answers requests about results and portfolios',
      props,
    );
    query.connectsTo(database.accessFor('reader'));
    query.connectsTo(cache.access);
    query.allow(['GetItem', 'PutItem', 'Query'].map(onTables), [jobsTable.tableArn]);
    query.allow(BUCKETS_AND_KEYS, [accessTable.tableArn]);
    // Action queues are made when they are first asked for.
    query.allowInFolders([...READ, 's3:PutObject', 's3:AbortMultipartUpload'], dataBucket, ['reports']);
    // Without it S3 answers 403 and not 404 about an object that is not there.
    query.allow(['s3:ListBucket'], [dataBucket.bucketArn]);
    return query;
  }

  /** In the network for the cache; a request that is too large for an answer at once goes where uploads go. */
  private createAnalyze(props: ApiFunctionsProps): ServiceFunction {
    const { jobsTable, accessTable, dataBucket, cache } = props;
    const description = 'Analyses the observations of a request, or makes a job of it';
    const analyze = this.createConnected('Analyze', 'api-analyze', description, props);
    analyze.connectsTo(cache.access);
    analyze.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], [jobsTable.tableArn]);
    analyze.allow(BUCKETS_AND_KEYS, [accessTable.tableArn]);
    analyze.allowInFolders(['s3:PutObject'], dataBucket, ['uploads']);
    return analyze;
  }

  private createConnected(
    id: string,
    entry: string,
    description: string,
    props: ApiFunctionsProps,
  ): ConnectedFunction {
    return new ConnectedFunction(this, id, {
      entry,
      description,
      timeout: LONGEST_ANSWER,
      memoryMiB: API_MEMORY_MIB,
      environment: apiEnvironment(props),
      stage: props.stage,
      vpc: props.vpc,
    });
  }

  /** Finds tokens by the hash of their secret, and notes that they were used. */
  private createAuthorizer(props: ApiFunctionsProps): ServiceFunction {
    const authorizer = new ServiceFunction(this, 'Authorize', {
      entry: 'authorize',
      description: 'Finds out who calls the API, and what they may do',
      timeout: AUTHORIZER_TIMEOUT,
      memoryMiB: AUTHORIZER_MEMORY_MIB,
      environment: authorizerEnvironment(props),
      stage: props.stage,
    });
    authorizer.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [props.accessTable.tableArn]);
    return authorizer;
  }
}

function onTables(action: string): string {
  return `dynamodb:${action}`;
}
