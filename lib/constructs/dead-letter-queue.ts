import { Duration, Validations } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DEAD_LETTER_RETENTION_DAYS } from '../config/work-queues.ts';
import { type AlarmText, OperationalAlarm } from './operational-alarm.ts';

export interface DeadLetterQueueProps {
  readonly alerts: ITopic;
  readonly alarm: AlarmText;
}

/** Where messages end that could not be handled: kept as long as SQS can, and never filled in silence. */
export class DeadLetterQueue extends Queue {
  readonly notEmpty: OperationalAlarm;

  constructor(scope: Construct, id: string, { alerts, alarm }: DeadLetterQueueProps) {
    super(scope, id, {
      retentionPeriod: Duration.days(DEAD_LETTER_RETENTION_DAYS),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    Validations.of(this).acknowledge({
      id: 'Serverless-SQSRedrivePolicy',
      reason: 'This is where redrive policies end: from here a person, not a policy, sends messages on.',
    });
    this.notEmpty = new OperationalAlarm(this, 'NotEmpty', {
      ...alarm,
      alerts,
      metric: this.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      // A queue nobody touches stops reporting after six hours; that is no failure.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
