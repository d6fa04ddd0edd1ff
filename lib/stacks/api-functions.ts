import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ControlEnvironment } from '../../lambdas/contracts/environment.ts';
import { METRICS } from '../../lambdas/contracts/metric-names.ts';
import { API_FUNCTIONS, type ApiFunctionName, type Stage } from '../config/stage.ts';
import { ConnectedFunction } from '../constructs/connected-function.ts';
import { LiveAlias } from '../constructs/live-alias.ts';
import type { OperationalAlarm } from '../constructs/operational-alarm.ts';
import { ServiceFunction, type ServiceFunctionProps } from '../constructs/service-function.ts';
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

/** The functions behind the API, each with the least it needs, and the authorizer before them; called by their aliases. */
export class ApiFunctions extends Construct {
  readonly control: ServiceFunction;
  readonly query: ServiceFunction;
  readonly analyze: ServiceFunction;
  readonly authorizer: ServiceFunction;
  readonly aliases: Readonly<Record<ApiFunctionName, LiveAlias>>;

  constructor(scope: Construct, id: string, props: ApiFunctionsProps) {
    super(scope, id);
    this.control = this.createControl(props);
    this.query = this.createQuery(props);
    this.analyze = this.createAnalyze(props);
    this.authorizer = this.createAuthorizer(props);
    this.aliases = this.publish(props.stage);
    this.watch(props);
  }

  get all(): ServiceFunction[] {
    return [this.control, this.query, this.analyze, this.authorizer];
  }

  get alarms(): OperationalAlarm[] {
    return [...this.all, ...Object.values(this.aliases)].flatMap(({ alarms }) => alarms);
  }

  private publish({ api: { provisioned } }: Stage): Readonly<Record<ApiFunctionName, LiveAlias>> {
    const publish = (name: ApiFunctionName) =>
      new LiveAlias(this[name], 'Live', { service: this[name], provisioned: provisioned?.[name] ?? null });
    return {
      control: publish('control'),
      query: publish('query'),
      analyze: publish('analyze'),
      authorizer: publish('authorizer'),
    };
  }

  private watch({ stage, alerts }: ApiFunctionsProps): void {
    for (const name of ['control', 'query', 'analyze'] as const) {
      this.aliases[name].watchErrors(alerts, API_ALARM_TEXTS[name], TOLERATED_ERRORS);
    }
    this.authorizer.watchCount(
      alerts,
      API_ALARM_TEXTS.authorizer,
      // Not its errors, among which is every caller who is refused: API Gateway takes no other word for that.
      new Metric({ namespace: stage.deployment, metricName: METRICS.authorizationsFailed }),
      TOLERATED_ERRORS,
    );
    const { silent, spillOver, atMaximum } = API_ALARM_TEXTS;
    for (const part of API_FUNCTIONS) {
      this.aliases[part].watchSilence(alerts, silent, part);
      this.aliases[part].watchProvisioned(alerts, { spillOver, atMaximum, part });
    }
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
      reserved: stage.api.reserved?.control,
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
    const { stage, jobsTable, accessTable, dataBucket, database, cache } = props;
    const query = this.createConnected('Query', props, {
      entry: 'api-query',
      description: 'Answers requests about results and portfolios',
      reserved: stage.api.reserved?.query,
    });
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
    const { stage, jobsTable, accessTable, dataBucket, cache } = props;
    const analyze = this.createConnected('Analyze', props, {
      entry: 'api-analyze',
      description: 'Analyses the observations of a request, or makes a job of it',
      reserved: stage.api.reserved?.analyze,
    });
    analyze.connectsTo(cache.access);
    analyze.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], [jobsTable.tableArn]);
    analyze.allow(BUCKETS_AND_KEYS, [accessTable.tableArn]);
    analyze.allowInFolders(['s3:PutObject'], dataBucket, ['uploads']);
    return analyze;
  }

  private createConnected(
    id: string,
    props: ApiFunctionsProps,
    own: Pick<ServiceFunctionProps, 'entry' | 'description' | 'reserved'>,
  ): ConnectedFunction {
    return new ConnectedFunction(this, id, {
      ...own,
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
      reserved: props.stage.api.reserved?.authorizer,
      stage: props.stage,
    });
    authorizer.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [props.accessTable.tableArn]);
    return authorizer;
  }
}

function onTables(action: string): string {
  return `dynamodb:${action}`;
}
