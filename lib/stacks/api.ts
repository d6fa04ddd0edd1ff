import { CfnOutput, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  ApiKeySourceType,
  AuthorizationType,
  EndpointType,
  IdentitySource,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RequestAuthorizer,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { REQUEST_METRICS } from '../../lambdas/contracts/metric-names.ts';
import { ROUTES, type Route, type RouteHandler } from '../../lambdas/contracts/routes.ts';
import type { Stage } from '../config/stage.ts';
import type { AlertTopic } from '../constructs/alert-topic.ts';
import { OperationalAlarm } from '../constructs/operational-alarm.ts';
import type { PrivateBucket } from '../constructs/private-bucket.ts';
import type { ServiceFunction } from '../constructs/service-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import { API_ALARM_TEXTS } from './api-alarm-texts.ts';
import { ACCESS_LOG, acknowledgeFindings } from './api-conventions.ts';
import { ApiFunctions } from './api-functions.ts';
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
const SLOW_MS = 1000;

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
    this.addRoutes(this.functions);
    addGatewayResponses(this.api, stage.api.corsOrigins);
    this.addUsagePlan(stage, usageKey);
    this.alarms = [
      this.createFailing(alerts),
      this.createSlow(stage, alerts),
      ...this.functions.all.flatMap(({ alarms }) => alarms),
    ];
    new CfnOutput(this, 'ApiUrl', { value: this.api.url });
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
    // Without a group of this name API Gateway makes one itself, which keeps its errors for ever.
    this.createLog('ErrorLog', stage, `API-Gateway-Execution-Logs_${api.restApiId}/${STAGE_NAME}`);
    acknowledgeFindings(api);
    return api;
  }

  private createLog(id: string, stage: Stage, logGroupName?: string): LogGroup {
    return new LogGroup(this, id, {
      retention: stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(logGroupName !== undefined && { logGroupName }),
    });
  }

  /** A method for each route, answered by its function. */
  private addRoutes(handlers: Readonly<Record<RouteHandler, ServiceFunction>>): void {
    const authorizer = new RequestAuthorizer(this, 'Authorizer', {
      handler: this.functions.authorizer.function,
      identitySources: [IdentitySource.header('Authorization')],
      resultsCacheTtl: AUTHORIZATION_TTL,
    });
    const integrations = {
      control: integrationOf(handlers.control),
      query: integrationOf(handlers.query),
      analyze: integrationOf(handlers.analyze),
    };
    for (const { path, method, handler, scope } of ROUTES satisfies readonly Route[]) {
      const isOpen = scope === 'none';
      const added = this.api.root.resourceForPath(path).addMethod(method, integrations[handler], {
        ...(isOpen
          ? { authorizationType: AuthorizationType.NONE }
          : { authorizationType: AuthorizationType.CUSTOM, authorizer, apiKeyRequired: true }),
      });
      if (!isOpen) continue;
      Validations.of(added).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'Health and the description of the API are for everybody, and tell nothing about anybody.',
      });
    }
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

  private createSlow({ deployment }: Stage, alerts: AlertTopic): OperationalAlarm {
    return new OperationalAlarm(this, 'Slow', {
      ...API_ALARM_TEXTS.slow,
      alerts,
      // Not API Gateway's own, in which answers count that were held back on request.
      metric: new Metric({
        namespace: deployment,
        metricName: REQUEST_METRICS.latency,
        period: WINDOW,
        statistic: Stats.percentile(95),
      }),
      threshold: SLOW_MS,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

function integrationOf({ function: handler }: ServiceFunction): LambdaIntegration {
  // One permission for the API: one for each method would make most of the template.
  return new LambdaIntegration(handler, { scopePermissionToMethod: false });
}
