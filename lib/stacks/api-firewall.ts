import { ArnFormat, Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';
import { OperationalAlarm } from '../constructs/operational-alarm.ts';
import { API_ALARM_TEXTS } from './api-alarm-texts.ts';
import { problemDocument } from './api-conventions.ts';

export interface ApiFirewallProps {
  readonly stage: Stage;
  readonly api: RestApi;
  /** Requests from one address within five minutes, over which it is turned away. */
  readonly requestsPerAddress: number;
  readonly alerts: ITopic;
}

const WINDOW = Duration.minutes(5);
const MANY = 1000;
const TOO_MANY_REQUESTS = 'too-many-requests';

/**
 * Rules of AWS's common set that only count. The first five look at bodies, which are data here: up to 4 MiB where the set
 * blocks from 8 KiB on, and names of creatives and addresses of landing pages, which look like scripts and foreign files
 * and never come near a page or a shell. The last wants a browser, and callers are programs.
 */
const COUNTED_ONLY = [
  'SizeRestrictions_BODY',
  'CrossSiteScripting_BODY',
  'GenericLFI_BODY',
  'GenericRFI_BODY',
  'EC2MetaDataSSRF_BODY',
  'NoUserAgent_HEADER',
];

/**
 * What stands before the API: it turns away an address that sends far more than anybody does, before that costs a
 * function or a tenant's share, and what looks like an attack by its path, query or headers.
 *
 * Whoever sends too much gets 429 and a problem document from here, of type `application/json`: a firewall can set any
 * header but the type of the body. What the common set blocks is answered by API Gateway (`WAF_FILTERED`).
 */
export class ApiFirewall extends Construct {
  readonly alarms: readonly OperationalAlarm[];

  constructor(scope: Construct, id: string, props: ApiFirewallProps) {
    super(scope, id);
    const { stage, api, alerts } = props;
    const name = `${stage.deployment}-api`;
    const firewall = this.createFirewall(name, props);
    new CfnWebACLAssociation(this, 'Association', {
      webAclArn: firewall.attrArn,
      resourceArn: api.deploymentStage.stageArn,
    });
    this.logBlocked(firewall, name, stage);
    this.alarms = [this.watchBlocked(name, alerts)];
  }

  private createFirewall(name: string, { stage, requestsPerAddress }: ApiFirewallProps): CfnWebACL {
    const detail = 'Too many requests came from one address.';
    return new CfnWebACL(this, 'Firewall', {
      name,
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: measured(name),
      customResponseBodies: {
        [TOO_MANY_REQUESTS]: {
          contentType: 'APPLICATION_JSON',
          content: JSON.stringify(problemDocument('quota_exceeded', detail)),
        },
      },
      rules: [addressRule(requestsPerAddress, stage.api.corsOrigins), commonRules()],
    });
  }

  /** Who was turned away, why, and from where; not with whose token, and not what was let through. */
  private logBlocked(firewall: CfnWebACL, name: string, { logRetentionDays }: Stage): void {
    const log = new LogGroup(this, 'Log', {
      // A firewall writes into no other.
      logGroupName: `aws-waf-logs-${name}`,
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const configuration = new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: firewall.attrArn,
      // Without the `:*` that ARNs of log groups end with elsewhere.
      logDestinationConfigs: [
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: `aws-waf-logs-${name}`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      redactedFields: [{ singleHeader: { Name: 'authorization' } }],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: [{ ActionCondition: { Action: 'BLOCK' } }],
          },
        ],
      },
    });
    configuration.node.addDependency(log);
  }

  private watchBlocked(name: string, alerts: ITopic): OperationalAlarm {
    return new OperationalAlarm(this, 'Blocked', {
      ...API_ALARM_TEXTS.blocked,
      alerts,
      metric: new Metric({
        namespace: 'AWS/WAFV2',
        metricName: 'BlockedRequests',
        dimensionsMap: { WebACL: name, Rule: 'ALL', Region: Aws.REGION },
        period: WINDOW,
        statistic: Stats.SUM,
      }),
      threshold: MANY,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

/** Turns an address away for as long as it sent more than it may within the last five minutes. */
function addressRule(limit: number, corsOrigins: readonly string[]): CfnWebACL.RuleProperty {
  const headers = {
    'Retry-After': '60',
    'Cache-Control': 'no-store',
    ...(corsOrigins.length > 0 && { 'Access-Control-Allow-Origin': '*' }),
  };
  return {
    name: 'address',
    priority: 0,
    statement: {
      rateBasedStatement: {
        limit,
        evaluationWindowSec: WINDOW.toSeconds(),
        aggregateKeyType: 'IP',
      },
    },
    action: {
      block: {
        customResponse: {
          responseCode: problemDocument('quota_exceeded', '').status,
          customResponseBodyKey: TOO_MANY_REQUESTS,
          responseHeaders: Object.entries(headers).map(([name, value]) => ({ name, value })),
        },
      },
    },
    visibilityConfig: measured('address'),
  };
}

function commonRules(): CfnWebACL.RuleProperty {
  return {
    name: 'common',
    priority: 1,
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name: 'AWSManagedRulesCommonRuleSet',
        ruleActionOverrides: COUNTED_ONLY.map((name) => ({ name, actionToUse: { count: {} } })),
      },
    },
    overrideAction: { none: {} },
    visibilityConfig: measured('common'),
  };
}

/** Counted, but without samples of requests, which would show tokens. */
function measured(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false };
}
