import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { ComparisonOperator, type Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type IVpc, Peer, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';
import { acknowledgeWildcard } from './acknowledge-wildcard.ts';
import { handlerBundle } from './handler-bundle.ts';
import { type AlarmText, OperationalAlarm } from './operational-alarm.ts';

export interface ServiceFunctionProps {
  /** File of `lambdas/functions` without its extension. */
  readonly entry: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly memoryMiB: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Says what is logged, and how long that is kept. */
  readonly stage: Pick<Stage, 'logLevel' | 'logRetentionDays'>;
  /** Where it lives when it speaks to what is there. It then reaches nothing else but S3 and DynamoDB. */
  readonly vpc?: IVpc;
  /** Executions that nobody else can take from it, and that it does not exceed; as many as are left when absent. */
  readonly reserved?: number | undefined;
}

/** What is watched of a function that nobody waits for. */
export interface FunctionAlarms {
  readonly alerts: ITopic;
  /** Text of the alarm for invocations that fail: crashes, time-outs, too little memory. */
  readonly errors: AlarmText;
  /** Text of the alarm for invocations that come near the time-out. */
  readonly slow: AlarmText;
}

const WINDOW = Duration.minutes(5);
/** A crash or two are tried again and forgotten. */
const TOLERATED_ERRORS = 2;
const SLOW_SHARE = 0.8;

const TRACES = 'X-Ray has no resources that a permission to send traces could be narrowed to.';
const NETWORK_INTERFACES = 'Lambda asks for network interfaces before there are any that could be named.';

/**
 * A function that cannot be made without what every function needs: arm64 and the current Node, one bundled module, a
 * log group of its own that forgets, traces, and a role that may do nothing but write that log.
 */
export class ServiceFunction extends Construct {
  readonly function: LambdaFunction;
  readonly timeout: Duration;
  readonly alarms: OperationalAlarm[] = [];

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    this.timeout = props.timeout;
    const logGroup = new LogGroup(this, 'Log', {
      retention: props.stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // The managed policy that functions usually get may write every log of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      code: handlerBundle(props.entry),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: props.timeout,
      memorySize: props.memoryMiB,
      environment: {
        ...props.environment,
        LOG_LEVEL: props.stage.logLevel,
        NODE_OPTIONS: '--enable-source-maps',
      },
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      // The code keeps to the level by itself. Lambda takes a line without a level, as those with metrics are, for one of
      // INFO: set any higher, it would drop what alarms are made of.
      applicationLogLevelV2:
        props.stage.logLevel === 'debug' ? ApplicationLogLevel.DEBUG : ApplicationLogLevel.INFO,
      // Only the report of an invocation says how much memory it took, and it is of this level.
      systemLogLevelV2: SystemLogLevel.INFO,
      tracing: Tracing.ACTIVE,
      ...(props.reserved !== undefined && { reservedConcurrentExecutions: props.reserved }),
      ...(props.vpc && {
        vpc: props.vpc,
        vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
        securityGroups: [this.createSecurityGroup(props.vpc)],
      }),
    });
    acknowledgeWildcard(this, '*', props.vpc === undefined ? TRACES : `${TRACES} ${NETWORK_INTERFACES}`);
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaDLQ',
      reason:
        'Its events come from a queue with dead letters, a schedule that repeats, or a person who sees the error.',
    });
  }

  /** Lets the function do exactly these actions on exactly these resources. */
  allow(actions: string[], resources: string[]): void {
    this.function.addToRolePolicy(new PolicyStatement({ actions, resources }));
  }

  /** Lets the function do these actions on all objects in folders of a bucket. */
  allowInFolders(actions: string[], bucket: IBucket, folders: readonly string[]): void {
    const resources = folders.map((folder) => bucket.arnForObjects(`${folder}/*`));
    this.allow(actions, resources);
    const reason =
      'Objects are named at run time, by tenants and jobs: a folder is as narrow as a permission can be.';
    for (const resource of resources) acknowledgeWildcard(this, resource, reason);
  }

  /** Rings when invocations fail, and when they come near the time-out. */
  watch({ alerts, errors, slow }: FunctionAlarms): void {
    this.watchErrors(alerts, errors, TOLERATED_ERRORS);
    this.alarms.push(
      new OperationalAlarm(this, 'Slow', {
        ...slow,
        alerts,
        metric: this.function.metricDuration({ period: WINDOW, statistic: Stats.percentile(95) }),
        threshold: SLOW_SHARE * this.timeout.toMilliseconds(),
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 3,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }),
    );
  }

  /** Rings when the function was not called for a while that should be called all the time. */
  watchSilence(alerts: ITopic, text: AlarmText, window: Duration): void {
    this.alarms.push(
      new OperationalAlarm(this, 'Silent', {
        ...text,
        alerts,
        metric: this.function.metricInvocations({ period: window, statistic: Stats.SUM }),
        threshold: 1,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.BREACHING,
      }),
    );
  }

  /** Rings when more invocations fail within five minutes than are tolerated. */
  watchErrors(alerts: ITopic, text: AlarmText, tolerated: number): void {
    this.watchCount(alerts, text, this.function.metricErrors(), tolerated);
  }

  /** Rings when more of something is counted within five minutes than is tolerated. */
  watchCount(alerts: ITopic, text: AlarmText, metric: Metric, tolerated: number): void {
    this.alarms.push(
      new OperationalAlarm(this, 'Errors', {
        ...text,
        alerts,
        metric: metric.with({ period: WINDOW, statistic: Stats.SUM }),
        threshold: tolerated,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }),
    );
  }

  private createSecurityGroup(vpc: IVpc): SecurityGroup {
    const description = `The function ${this.node.path}`;
    const security = new SecurityGroup(this, 'Security', { vpc, description, allowAllOutbound: false });
    // No route leads from there but those to the gateways, whose addresses differ from Region to Region.
    security.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'To S3 and DynamoDB');
    return security;
  }
}
