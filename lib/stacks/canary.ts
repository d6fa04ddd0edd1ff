import { CfnOutput, Duration, Validations } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  CANARY_PARTS,
  type CanaryEnvironment,
  type CanaryPart,
} from '../../lambdas/contracts/canary-environment.ts';
import { METRICS } from '../../lambdas/contracts/metric-names.ts';
import type { Stage } from '../config/stage.ts';
import { type AlarmText, OperationalAlarm } from '../constructs/operational-alarm.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { ApiStack } from './api.ts';
import { StageStack, type StageStackProps } from './stage-stack.ts';

export interface CanaryStackProps extends StageStackProps {
  readonly api: Pick<ApiStack, 'api'>;
  readonly accessTable: TableV2;
  readonly alerts: ITopic;
}

const EVERY = Duration.minutes(5);
/** Runs in a row without success that somebody is woken for: one may fall into a deployment. */
const RUNS = 3;
/** A job has a minute; the rest is for requests, cold ones among them. */
const TIMEOUT = Duration.minutes(3);

/**
 * A customer of our own: has a tiny dataset analysed, of which the right answer is known, and rings when it gets another
 * one, or none. It stands outside of everything that it looks at, and comes through the same door as everybody.
 */
export class CanaryStack extends StageStack {
  readonly canary: ServiceFunction;
  readonly alarms: readonly OperationalAlarm[];

  constructor(scope: Construct, id: string, { stage, api, accessTable, alerts }: CanaryStackProps) {
    super(scope, id, stage, {
      purpose: 'canary',
      description: 'CreativeDynamics: a customer of our own that knows the right answer',
      holdsData: false,
    });
    const environment: CanaryEnvironment = {
      API_URL: api.api.url,
      ACCESS_TABLE: accessTable.tableName,
      METRICS_NAMESPACE: stage.deployment,
    };
    this.canary = new ServiceFunction(this, 'Canary', {
      entry: 'canary',
      description:
        'Has a tiny dataset analysed as a customer does, and compares the numbers with the right ones',
      timeout: TIMEOUT,
      memoryMiB: 256,
      environment,
      stage,
    });
    // To issue itself the token of a run.
    this.canary.allow(['dynamodb:PutItem'], [accessTable.tableArn]);
    for (const { name, every, parts } of runsOf(stage)) this.run(name, every, parts);
    this.alarms = [this.createFailing(stage, alerts), this.createWrong(stage, alerts)];
    new CfnOutput(this, 'Name', { value: this.canary.function.functionName }).overrideLogicalId(
      'CanaryFunctionName',
    );
  }

  private run(name: string, every: Duration, parts: readonly CanaryPart[]): void {
    const rule = new Rule(this, name, {
      description: `Have the canary do what a customer does: ${parts.join(', ')}`,
      schedule: Schedule.rate(every),
      targets: [
        new LambdaFunction(this.canary.function, {
          event: RuleTargetInput.fromObject({ parts }),
          maxEventAge: EVERY,
          // The next run comes soon enough.
          retryAttempts: 0,
        }),
      ],
    });
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'A run that was not delivered is made up for by the next, and an alarm rings when none comes.',
    });
  }

  /** Rings when no run succeeds, also when there is none: silence is no sign of health. */
  private createFailing({ deployment }: Stage, alerts: ITopic): OperationalAlarm {
    return new OperationalAlarm(this, 'Failing', {
      ...ALARM_TEXTS.failing,
      alerts,
      metric: runs(deployment, METRICS.canaryPassed),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: RUNS,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  /** Rings at the first wrong number: the dataset is always the same, so there is no chance in it. */
  private createWrong({ deployment }: Stage, alerts: ITopic): OperationalAlarm {
    return new OperationalAlarm(this, 'WrongNumbers', {
      ...ALARM_TEXTS.wrong,
      alerts,
      metric: runs(deployment, METRICS.canaryWrong),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

interface CanaryRuns {
  readonly name: string;
  readonly every: Duration;
  readonly parts: readonly CanaryPart[];
}

/**
 * What is done how often. Where the database pauses while nobody needs it, a job every five minutes would keep it awake,
 * which costs more than all else of the stage: there a file is analysed once a day, and what is in the database is left
 * alone.
 */
function runsOf({ database }: Stage): CanaryRuns[] {
  if (database.minCapacity > 0) return [{ name: 'Running', every: EVERY, parts: CANARY_PARTS }];
  return [
    { name: 'Running', every: EVERY, parts: ['request'] },
    { name: 'RunningDaily', every: Duration.days(1), parts: ['upload'] },
  ];
}

function runs(namespace: string, metricName: string): Metric {
  return new Metric({ namespace, metricName, period: EVERY, statistic: Stats.SUM });
}

const ALARM_TEXTS = {
  failing: {
    impact: 'A customer of our own gets no answers, so others most likely get none either.',
    firstAction: 'Read in the log of the canary which request failed, and follow its request id.',
    runbook: 'canary-failing',
    severity: 'page',
  },
  wrong: {
    impact: 'Analyses come out with other numbers than are right, and people decide about money by them.',
    firstAction: 'Roll back the last deployment, then read in the log of the canary which numbers differ.',
    runbook: 'canary-wrong-numbers',
    severity: 'page',
  },
} as const satisfies Record<string, AlarmText>;
