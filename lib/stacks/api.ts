import { CfnOutput, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  ApiKeySourceType,
  EndpointType,
  IdentitySource,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RequestAuthorizer,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';
import type { AlertTopic } from '../constructs/alert-topic.ts';
import { OperationalAlarm } from '../constructs/operational-alarm.ts';
import type { PrivateBucket } from '../constructs/private-bucket.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import { API_ALARM_TEXTS } from './api-alarm-texts.ts';
import { ACCESS_LOG, acknowledgeFindings } from './api-conventions.ts';
import { ApiDeployments } from './api-deployments.ts';
import { ApiFirewall } from './api-firewall.ts';
import { ApiFunctions } from './api-functions.ts';
import { addHeartbeats } from './api-heartbeats.ts';
import { addRoutes } from './api-routes.ts';
import type { ResultsCache } from './cache.ts';
import type { ResultsDatabase } from './database.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import { StageStack, type StageStackProps } from './stage-stack.ts';
import type { WebhookDeliveries } from './webhook-deliveries.ts';

export interface ApiStackProps extends StageStackProps {
  readonly dataBucket: PrivateBucket;
  readonly jobsTable: TableV2;
  readonly accessTable: TableV2;
  readonly analysisQueue: WorkQueue;
  readonly webhooks: WebhookDeliveries;
  readonly vpc: IVpc;
  readonly database: ResultsDatabase;
  readonly cache: ResultsCache;
  readonly alerts: AlertTopic;
}

/** Part of every address that API Gateway gives; links are built from what was called, so another works as well. */
const STAGE_NAME = 'v1';
/** A revoked token lives on as long in API Gateway's memory. */
const AUTHORIZATION_TTL = Duration.seconds(60);
const WINDOW = Duration.minutes(5);
const TOLERATED_FAILURES = 5;

/** The REST API: routes, who may call them and how often, and the functions that answer. */
export class ApiStack extends StageStack {
  readonly api: RestApi;
  readonly functions: ApiFunctions;
  readonly alarms: readonly OperationalAlarm[];

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    const { stage, alerts } = props;
    super(scope, id, stage, {
      purpose: 'api',
      description: 'CreativeDynamics: REST API and the functions behind it',
      holdsData: false,
    });
    const usageKey = `${stage.deployment}-usage-plan-key`;
    this.functions = new ApiFunctions(this, 'Functions', { ...props, usageKey });
    this.api = this.createApi(stage);
    addRoutes(this.api, this.functions.aliases, this.createAuthorizer());
    addGatewayResponses(this.api, stage.api.corsOrigins);
    this.addUsagePlan(stage, usageKey);
    this.alarms = [
      ...this.releaseFunctions(alerts),
      ...(this.createFirewall(stage, alerts)?.alarms ?? []),
      ...this.functions.alarms,
    ];
    new CfnOutput(this, 'ApiUrl', { value: this.api.url });
  }

  /** Brings new versions into use with care, and keeps ready environments known to scaling. */
  private releaseFunctions(alerts: AlertTopic): OperationalAlarm[] {
    const { aliases } = this.functions;
    const failing = this.createFailing(alerts);
    new ApiDeployments(this, 'Deployments', { aliases, failing });
    const ready = Object.values(aliases).filter(({ provisioned }) => provisioned !== null);
    if (ready.length > 0) addHeartbeats(this, ready);
    return [failing];
  }

  private createApi(stage: Stage): RestApi {
    const accessLog = this.createLog('AccessLog', stage);
    const { corsOrigins, throttle } = stage.api;
    const api = new RestApi(this, 'Api', {
      restApiName: `${stage.deployment}-api`,
      description: 'CreativeDynamics REST API',
      endpointTypes: [EndpointType.REGIONAL],
      apiKeySourceType: ApiKeySourceType.AUTHORIZER,
      // Functions compress by themselves, and an answer is bytes to API Gateway, whatever it is.
      binaryMediaTypes: ['*/*'],
      // API Gateway writes no log without a role that the account knows. All deployments set the same kind of role, so
      // it stays when one of them goes.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: STAGE_NAME,
        throttlingRateLimit: throttle.rate,
        throttlingBurstLimit: throttle.burst,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
        // Bodies and tokens are in the log of full requests, which stays off.
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        tracingEnabled: true,
      },
      ...(corsOrigins.length > 0 && {
        defaultCorsPreflightOptions: {
          allowOrigins: [...corsOrigins],
          allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-None-Match', 'Prefer'],
          maxAge: Duration.hours(1),
        },
      }),
    });
    this.keepErrorLog(api, stage);
    acknowledgeFindings(api);
    return api;
  }

  /** Without a group of this name API Gateway makes one itself, which keeps its errors for ever. */
  private keepErrorLog(api: RestApi, stage: Stage): void {
    const log = this.createLog(
      'ErrorLog',
      stage,
      `API-Gateway-Execution-Logs_${api.restApiId}/${STAGE_NAME}`,
    );
    // If API Gateway comes first, CloudFormation cannot make it any more.
    api.deploymentStage.node.addDependency(log);
  }

  private createLog(id: string, stage: Stage, logGroupName?: string): LogGroup {
    return new LogGroup(this, id, {
      retention: stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(logGroupName !== undefined && { logGroupName }),
    });
  }

  private createAuthorizer(): RequestAuthorizer {
    return new RequestAuthorizer(this, 'Authorizer', {
      handler: this.functions.aliases.authorizer.callable,
      identitySources: [IdentitySource.header('Authorization')],
      resultsCacheTtl: AUTHORIZATION_TTL,
    });
  }

  /** Where a stage has a firewall; elsewhere it says why there is none. */
  private createFirewall(stage: Stage, alerts: AlertTopic): ApiFirewall | null {
    const { requestsPerAddress } = stage.api;
    if (requestsPerAddress !== null) {
      return new ApiFirewall(this, 'Firewall', { stage, api: this.api, requestsPerAddress, alerts });
    }
    Validations.of(this.api).acknowledge({
      id: 'AwsSolutions-APIG3',
      reason:
        'A stage without users is not worth a firewall, which is paid by the month; tokens and buckets hold.',
    });
    return null;
  }

  /** What stops a flood that the buckets of the tokens let through, best effort. */
  private addUsagePlan({ api: { throttle }, deployment }: Stage, usageKey: string): void {
    const plan = this.api.addUsagePlan('UsagePlan', {
      name: `${deployment}-all`,
      throttle: { rateLimit: throttle.rate, burstLimit: throttle.burst },
      apiStages: [{ stage: this.api.deploymentStage }],
    });
    // Only the authorizer names it, so its value is no secret.
    plan.addApiKey(this.api.addApiKey('UsageKey', { apiKeyName: usageKey, value: usageKey }));
  }

  private createFailing(alerts: AlertTopic): OperationalAlarm {
    return new OperationalAlarm(this, 'Failing', {
      ...API_ALARM_TEXTS.failing,
      alerts,
      metric: this.api.metricServerError({ period: WINDOW, statistic: Stats.SUM }),
      threshold: TOLERATED_FAILURES,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
