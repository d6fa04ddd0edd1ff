import { Duration } from 'aws-cdk-lib';
import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { ComparisonOperator, MathExpression, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type Alias, type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type AlarmText, OperationalAlarm } from './operational-alarm.ts';
import { provisionedLoad } from './provisioned-load.ts';
import type { ServiceFunction } from './service-function.ts';

export interface LiveAliasProps {
  readonly service: ServiceFunction;
  /** Fewest and most environments that are kept ready; null when all start cold. */
  readonly provisioned: { readonly min: number; readonly max: number } | null;
}

/** What is said of environments that are kept ready, for several functions in one entry of the runbook. */
export interface ProvisionedTexts {
  readonly spillOver: AlarmText;
  readonly atMaximum: AlarmText;
  /** Which of the functions it is. */
  readonly part: string;
}

const MINUTE = Duration.minutes(1);
/** As long as a new version has to show that it is well. */
const GRACE = Duration.seconds(300);
const TARGET_LOAD = 0.7;
const SCALE_IN_COOLDOWN = Duration.seconds(300);
const NEARLY = 0.9;

/**
 * The name `live` of a function, by which it is called: it stays while versions come and go, environments are kept ready for
 * it, and traffic moves from version to version under it.
 *
 * Environments follow the load within 4 to 5 minutes: three minutes of data, then 1 to 2 until Lambda has set all of them
 * up. A load that falls gives them back after a quarter of an hour, and not at all when nobody calls; so somebody has
 * to, once a minute (`HEARTBEAT`). What is known to come every day is for scheduled scaling, of which there is none.
 *
 * A deployment that publishes a version puts the fewest back in place. While traffic is shared by two versions nobody can
 * change how many environments there are: requests of the scaling are refused, and repeated once a minute. Should a new
 * version not start at all, the sharing can be left behind, and every later deployment fails with *Alias with weights
 * can not be used with Provisioned Concurrency* until somebody takes it away:
 * `aws lambda update-alias --function-name … --name live --routing-config '{}'`.
 */
export class LiveAlias extends Construct {
  readonly service: ServiceFunction;
  readonly alias: Alias;
  /** The alias, as something to call. It is no function by its type, which takes `undefined` for an absent role. */
  readonly callable: IFunction;
  readonly provisioned: LiveAliasProps['provisioned'];
  /** About the environments that are kept ready. Those about the function itself are the function's. */
  readonly alarms: OperationalAlarm[] = [];

  constructor(scope: Construct, id: string, { service, provisioned }: LiveAliasProps) {
    super(scope, id);
    this.service = service;
    this.provisioned = provisioned;
    this.alias = service.function.addAlias('live', {
      ...(provisioned !== null && { provisionedConcurrentExecutions: provisioned.min }),
    });
    this.callable = LambdaFunction.fromFunctionAttributes(this, 'Callable', {
      functionArn: this.alias.functionArn,
      sameEnvironment: true,
    });
    if (provisioned !== null) this.scale(provisioned);
  }

  /** Rings when more invocations fail within five minutes than are tolerated. */
  watchErrors(alerts: ITopic, text: AlarmText, tolerated: number): void {
    this.service.watchCount(alerts, text, this.alias.metricErrors(), tolerated);
  }

  /** Where heartbeats come, rings when nothing is invoked: the version does not start, or nobody is let in to it. */
  watchSilence(alerts: ITopic, text: AlarmText, part: string): void {
    if (this.provisioned === null) return;
    this.service.alarms.push(
      new OperationalAlarm(this, 'Silent', {
        ...text,
        part,
        alerts,
        metric: this.alias.metricInvocations({ period: GRACE, statistic: Stats.SUM }),
        threshold: 1,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.BREACHING,
      }),
    );
  }

  /** Where environments are kept ready, rings when they do not suffice for long, and when there will be no more of them. */
  watchProvisioned(alerts: ITopic, { spillOver, atMaximum, part }: ProvisionedTexts): void {
    if (this.provisioned === null) return;
    const common = { alerts, part, treatMissingData: TreatMissingData.NOT_BREACHING };
    this.alarms.push(
      new OperationalAlarm(this, 'SpillOver', {
        ...spillOver,
        ...common,
        metric: this.alias.metric('ProvisionedConcurrencySpilloverInvocations', {
          period: MINUTE,
          statistic: Stats.SUM,
        }),
        threshold: 0,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        // Five minutes are what scaling takes to answer a rise; a shorter one is over by then.
        datapointsToAlarm: 6,
        evaluationPeriods: 10,
      }),
      new OperationalAlarm(this, 'AtMaximum', {
        ...atMaximum,
        ...common,
        metric: this.environments(),
        threshold: NEARLY * this.provisioned.max,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 5,
      }),
    );
  }

  /** How many environments are kept ready, which no metric tells by itself. */
  private environments(): MathExpression {
    const most = { period: MINUTE, statistic: Stats.MAXIMUM };
    return new MathExpression({
      expression: 'e/u',
      label: 'environments kept ready',
      period: MINUTE,
      usingMetrics: {
        e: this.alias.metric('ProvisionedConcurrentExecutions', most),
        u: this.alias.metric('ProvisionedConcurrencyUtilization', most),
      },
    });
  }

  /** Written out, because the construct library takes no expression for a target, and Lambda knows no steps. */
  private scale({ min, max }: { readonly min: number; readonly max: number }): void {
    // Without a role: Application Auto Scaling has one of its own for Lambda.
    const target = new CfnScalableTarget(this, 'Environments', {
      serviceNamespace: 'lambda',
      scalableDimension: 'lambda:function:ProvisionedConcurrency',
      resourceId: `function:${this.service.function.functionName}:${this.alias.aliasName}`,
      minCapacity: min,
      maxCapacity: max,
    });
    target.node.addDependency(this.alias);
    new CfnScalingPolicy(this, 'Load', {
      policyName: 'load',
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.ref,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: TARGET_LOAD,
        scaleInCooldown: SCALE_IN_COOLDOWN.toSeconds(),
        scaleOutCooldown: 0,
        customizedMetricSpecification: { metrics: provisionedLoad(this.alias) },
      },
    });
  }
}
