import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { type AlarmText, OperationalAlarm } from './operational-alarm.ts';

export interface WorkQueueProps {
  readonly consumer: {
    /** Timeout of the function that takes the messages. */
    readonly timeout: Duration;
    /** How long its event source collects a batch. Any window can hold a message of a quiet queue for 20 s. */
    readonly batchingWindow?: Duration;
  };
  /** Longest a message should wait; the alarm rings at half of it. */
  readonly promisedWait: Duration;
  readonly alerts: ITopic;
  /** Text of the alarm for a dead-letter queue that is not empty. */
  readonly deadLetters: AlarmText;
  /** Text of the alarm for a message that waits too long. */
  readonly waiting: AlarmText;
}

// Fewer would send messages to the dead-letter queue that Lambda only handed back because its workers were all busy.
const MAX_RECEIVE_COUNT = 5;

// A backlog survives a long weekend, and ten of the dead-letter queue's days are left (they count from the first send).
const RETENTION = Duration.days(4);

/**
 * A standard queue that cannot be made without what keeps its messages safe: a dead-letter queue, a visibility
 * timeout that its consumer cannot outlive (6 × the consumer's timeout + batching window, as AWS advises for
 * Lambda), encryption, TLS, and alarms for failed and for waiting messages.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: DeadLetterQueue;
  readonly waitingTooLong: OperationalAlarm;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      alerts: props.alerts,
      alarm: props.deadLetters,
    });
    this.queue = new Queue(this, 'Queue', {
      visibilityTimeout: visibilityTimeout(props.consumer),
      retentionPeriod: RETENTION,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
    this.waitingTooLong = new OperationalAlarm(this, 'WaitingTooLong', {
      ...props.waiting,
      alerts: props.alerts,
      metric: this.queue.metricApproximateAgeOfOldestMessage({
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      threshold: props.promisedWait.toSeconds() / 2,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

function visibilityTimeout({
  timeout,
  batchingWindow = Duration.seconds(0),
}: WorkQueueProps['consumer']): Duration {
  return Duration.seconds(6 * timeout.toSeconds() + batchingWindow.toSeconds());
}
