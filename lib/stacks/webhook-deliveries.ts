import { CfnOutput, Duration, Validations } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import type { DeliveryEnvironment } from '../../lambdas/contracts/environment.ts';
import type { Stage } from '../config/stage.ts';
import type { AlertTopic } from '../constructs/alert-topic.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { WorkQueue } from '../constructs/work-queue.ts';

export interface WebhookDeliveriesProps {
  readonly stage: Stage;
  readonly jobsTable: TableV2;
  readonly alerts: AlertTopic;
}

/** A receiver has 15 s, and a batch is sent at the same time; the rest is for noting what became of it. */
const TIMEOUT = Duration.seconds(30);
const BATCH = 10;
const MEMORY_MIB = 512;
/** A message may have waited 15 minutes on purpose, which its age includes; the alarm rings at half of this. */
const PROMISED_WAIT = Duration.hours(1);

/**
 * What webhooks are told: a queue of deliveries, and the function that makes the attempts. It lives outside of the network,
 * from where there is a way to the Internet.
 */
export class WebhookDeliveries extends Construct {
  readonly workQueue: WorkQueue;
  readonly deliver: ServiceFunction;

  constructor(scope: Construct, id: string, { stage, jobsTable, alerts }: WebhookDeliveriesProps) {
    super(scope, id);
    this.workQueue = new WorkQueue(this, 'Deliveries', {
      consumer: { timeout: TIMEOUT },
      promisedWait: PROMISED_WAIT,
      alerts,
      ...QUEUE_ALARM_TEXTS,
    });
    const { queue, deadLetters } = this.workQueue;
    const environment: DeliveryEnvironment = {
      JOBS_TABLE: jobsTable.tableName,
      DELIVERY_QUEUE_URL: queue.queueUrl,
      METRICS_NAMESPACE: stage.deployment,
    };
    this.deliver = new ServiceFunction(this, 'Deliver', {
      entry: 'deliver-webhook',
      description: 'Delivers events to webhooks, and notes what became of each attempt',
      timeout: TIMEOUT,
      memoryMiB: MEMORY_MIB,
      environment,
      stage,
    });
    this.deliver.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [jobsTable.tableArn]);
    this.canBeSentToBy(this.deliver);
    this.deliver.watch({ alerts, ...FUNCTION_ALARM_TEXTS });
    this.takeMessages(stage);
    new CfnOutput(this, 'DeliveryQueueUrl', { value: queue.queueUrl }).overrideLogicalId('DeliveryQueueUrl');
    new CfnOutput(this, 'DeliveryDeadLettersUrl', { value: deadLetters.queueUrl }).overrideLogicalId(
      'DeliveryDeadLettersUrl',
    );
  }

  /** Lets a function put events on their way. */
  canBeSentToBy(grantee: ServiceFunction): void {
    grantee.allow(['sqs:SendMessage'], [this.workQueue.queue.queueArn]);
  }

  private takeMessages({ workers }: Stage): void {
    this.deliver.function.addEventSource(
      new SqsEventSource(this.workQueue.queue, {
        batchSize: BATCH,
        reportBatchItemFailures: true,
        // Ten receivers each at a time: slow ones hold up the others no sooner than when there are that many of them.
        maxConcurrency: workers.usual,
      }),
    );
    Validations.of(this.deliver).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'A queue as source knows no destination for failures; its own dead-letter queue takes them.',
    });
  }
}

const QUEUE_ALARM_TEXTS = {
  deadLetters: {
    impact: 'Events are not delivered to webhooks, because what became of an attempt could not be noted.',
    firstAction:
      'Read one message for its webhook, and find its error in the log of the delivering function.',
    runbook: 'delivery-queue-dead-letters',
    severity: 'ticket',
  },
  waiting: {
    impact: 'Webhooks hear of jobs a quarter of an hour late or more.',
    firstAction: 'Compare messages in flight with the worker cap: at the cap, look for slow receivers.',
    runbook: 'delivery-queue-waiting',
    severity: 'ticket',
  },
} as const;

const FUNCTION_ALARM_TEXTS = {
  errors: {
    impact: 'The function that delivers to webhooks dies, so events come late and at last not at all.',
    firstAction: 'Look in the log of the delivering function whether memory or time ran out.',
    runbook: 'delivering-errors',
    severity: 'ticket',
  },
  slow: {
    impact: 'Deliveries come near their time limit, and will soon be cut off and made twice.',
    firstAction: 'Look whether DynamoDB or SQS is slow: a receiver is waited for 15 s at most.',
    runbook: 'delivering-slow',
    severity: 'ticket',
  },
} as const;
