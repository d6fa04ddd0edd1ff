import { Duration, Stack } from 'aws-cdk-lib';
import {
  AdjustmentType,
  CfnScalableTarget,
  type IScalableTarget,
  ScalableTarget,
  StepScalingAction,
} from 'aws-cdk-lib/aws-applicationautoscaling';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { ApplicationScalingAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { DatabaseCluster } from 'aws-cdk-lib/aws-rds';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';
import { type AlarmText, OperationalAlarm } from '../constructs/operational-alarm.ts';
import { clusterMetric } from './database-alarms.ts';

export interface ReaderScalingProps {
  readonly stage: Stage;
  readonly cluster: DatabaseCluster;
  readonly alerts: ITopic;
}

interface Rule {
  readonly name: 'add' | 'remove';
  readonly change: number;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly threshold: number;
}

// 35 % of two readers are 70 % of one: a reader that is removed does not have to be added again for the same load.
const ADD: Rule = { name: 'add', change: 2, periodSeconds: 120, evaluationPeriods: 2, threshold: 70 };
const REMOVE: Rule = { name: 'remove', change: -1, periodSeconds: 60, evaluationPeriods: 15, threshold: 35 };
const COOLDOWN = Duration.seconds(300);
/** Longer than it takes to go in twos from the fixed readers of any stage to the most, with the cooldown after each two. */
const AT_MAXIMUM = Duration.minutes(30);

/**
 * Readers come in twos when those there are compute much, and go one by one when they do not. By steps alone: a policy that
 * tracked a target beside them would add while they remove.
 *
 * Sources do not agree on whether Aurora's count has the template's readers in it. The bounds are safe if it has, and if it
 * has not: with a least of none no reader beyond the template's is ever kept for nothing, and the template's stay
 * either way, because Aurora only removes readers that it added; the most is then exceeded by those of the template at worst,
 * which the stage's schema keeps within Aurora's 15.
 */
export class ReaderScaling extends Construct {
  readonly alarms: readonly OperationalAlarm[];

  constructor(scope: Construct, id: string, { stage, cluster, alerts }: ReaderScalingProps) {
    super(scope, id);
    // Without a role: Application Auto Scaling has one of its own for Aurora.
    const readers = new CfnScalableTarget(this, 'Count', {
      serviceNamespace: 'rds',
      scalableDimension: 'rds:cluster:ReadReplicaCount',
      resourceId: `cluster:${cluster.clusterIdentifier}`,
      minCapacity: 0,
      maxCapacity: stage.database.readers.most,
    });
    // Aurora counts from a reader that is there.
    readers.node.addDependency(cluster);
    // By its whole id. Of the target itself a policy would take the first part of it, by which there is no target.
    const target = ScalableTarget.fromScalableTargetAttributes(this, 'Target', {
      scalableTargetId: readers.ref,
      scalableDimension: readers.scalableDimension,
      serviceNamespace: readers.serviceNamespace,
    });
    this.scale(target, cluster, ADD, ComparisonOperator.GREATER_THAN_THRESHOLD);
    this.scale(target, cluster, REMOVE, ComparisonOperator.LESS_THAN_THRESHOLD);
    this.alarms = [this.watchMaximum(cluster, alerts)];
  }

  private scale(
    readers: IScalableTarget,
    cluster: DatabaseCluster,
    { name, change, periodSeconds, ...condition }: Rule,
    comparisonOperator: ComparisonOperator,
  ): void {
    const id = name === 'add' ? 'Add' : 'Remove';
    const action = new StepScalingAction(this, id, {
      scalingTarget: readers,
      // A new policy needs one, and the construct library has none by default, whatever it says.
      adjustmentType: AdjustmentType.CHANGE_IN_CAPACITY,
      cooldown: COOLDOWN,
    });
    action.addAdjustment({ adjustment: change, ...(change > 0 ? { lowerBound: 0 } : { upperBound: 0 }) });
    const alarm = new Alarm(this, `${id}Alarm`, {
      alarmName: `${Stack.of(this).stackName}-database-readers-${name}`,
      alarmDescription: `Scaling: ${name}s readers of the database. Tells nobody.`,
      metric: clusterMetric(cluster, 'CPUUtilization', 'READER', { period: Duration.seconds(periodSeconds) }),
      ...condition,
      comparisonOperator,
      // Nothing known of the readers is no reason to change their number.
      treatMissingData: TreatMissingData.MISSING,
    });
    alarm.addAlarmAction(new ApplicationScalingAction(action));
  }

  /** No metric counts readers. That they stay busy long after the last could have come says the same, also if none came. */
  private watchMaximum(cluster: DatabaseCluster, alerts: ITopic): OperationalAlarm {
    const period = Duration.seconds(ADD.periodSeconds);
    return new OperationalAlarm(this, 'AtMaximum', {
      ...READERS_AT_MAXIMUM,
      alerts,
      metric: clusterMetric(cluster, 'CPUUtilization', 'READER', { period }),
      threshold: ADD.threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: AT_MAXIMUM.toSeconds() / period.toSeconds(),
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

const READERS_AT_MAXIMUM: AlarmText = {
  impact: 'Lists and details of results get slower, and more readers do not come or do not help.',
  firstAction:
    'Compare the number of readers with the maximum of the stage, and raise that if it is reached.',
  runbook: 'database-readers-at-maximum',
  severity: 'ticket',
};
