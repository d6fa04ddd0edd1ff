import { CfnOutput, Duration, Validations } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { folderPrefix } from '../../lambdas/contracts/key-layout.ts';
import { WORK_QUEUES, type WorkQueueName } from '../config/work-queues.ts';
import type { AlertTopic } from '../constructs/alert-topic.ts';
import { DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import type { AlarmText } from '../constructs/operational-alarm.ts';
import type { PrivateBucket } from '../constructs/private-bucket.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import type { ResultsCache } from './cache.ts';
import { CapacityController } from './capacity-controller.ts';
import type { ResultsDatabase } from './database.ts';
import { pipelineEnvironment } from './pipeline-environment.ts';
import { PipelineFunctions } from './pipeline-functions.ts';
import { Purge } from './purge.ts';
import { StageStack, type StageStackProps } from './stage-stack.ts';
import { StoreResults } from './store-results.ts';
import { WebhookDeliveries } from './webhook-deliveries.ts';

export interface ProcessingStackProps extends StageStackProps {
  readonly dataBucket: PrivateBucket;
  readonly jobsTable: TableV2;
  readonly accessTable: TableV2;
  readonly alerts: AlertTopic;
  readonly vpc: IVpc;
  readonly database: ResultsDatabase;
  readonly cache: ResultsCache;
}

/**
 * The pipeline: an upload becomes a message, the three queues hand the work on, and their functions do it. What becomes of it
 * goes to webhooks through a fourth.
 */
export class ProcessingStack extends StageStack {
  readonly queues: Readonly<Record<WorkQueueName, WorkQueue>>;
  readonly undeliveredUploads: DeadLetterQueue;
  readonly functions: PipelineFunctions;
  readonly webhooks: WebhookDeliveries;
  readonly storeResults: StoreResults;
  readonly purge: Purge;
  readonly capacity: CapacityController;

  constructor(scope: Construct, id: string, props: ProcessingStackProps) {
    const { stage, dataBucket, alerts } = props;
    super(scope, id, stage, {
      purpose: 'processing',
      description: 'CreativeDynamics: work queues, the uploads that fill them, the functions that empty them',
      // Accepted work, in the queues.
      holdsData: true,
    });
    this.queues = {
      analysis: this.createQueue('analysis', 'Analysis', alerts),
      signature: this.createQueue('signature', 'Signature', alerts),
      report: this.createQueue('report', 'Report', alerts),
    };
    this.undeliveredUploads = this.createUndeliveredUploads(alerts);
    this.sendUploadsToAnalysis(dataBucket);
    this.webhooks = new WebhookDeliveries(this, 'Webhooks', props);
    const { queues, undeliveredUploads, webhooks } = this;
    const pipeline = { ...props, queues, undeliveredUploads, webhooks };
    this.functions = new PipelineFunctions(this, 'Pipeline', pipeline);
    const environment = pipelineEnvironment(pipeline);
    this.storeResults = new StoreResults(this, 'StoreResults', { ...props, environment });
    this.storeResults.isCalledBy(this.functions.planUpload);
    this.storeResults.isCalledBy(this.functions.writeReport);
    this.storeResults.isCalledBy(this.functions.sweep);
    this.purge = new Purge(this, 'Purge', props);
    this.capacity = new CapacityController(this, 'Capacity', { ...props, queues, functions: this.functions });
  }

  private createQueue(name: WorkQueueName, id: string, alerts: AlertTopic): WorkQueue {
    const { consumerTimeoutSeconds, promisedWaitSeconds } = WORK_QUEUES[name];
    const workQueue = new WorkQueue(this, id, {
      consumer: { timeout: Duration.seconds(consumerTimeoutSeconds) },
      promisedWait: Duration.seconds(promisedWaitSeconds),
      alerts,
      ...ALARM_TEXTS[name],
    });
    new CfnOutput(this, `${id}QueueUrl`, { value: workQueue.queue.queueUrl });
    new CfnOutput(this, `${id}DeadLettersUrl`, { value: workQueue.deadLetters.queueUrl });
    return workQueue;
  }

  private createUndeliveredUploads(alerts: AlertTopic): DeadLetterQueue {
    const queue = new DeadLetterQueue(this, 'UndeliveredUploads', {
      alerts,
      alarm: {
        impact: 'Files were uploaded, but their analyses will not start by themselves.',
        firstAction:
          'Read the error code and the object key of one message, and mend what refused the event.',
        runbook: 'undelivered-uploads',
        severity: 'page',
      },
    });
    Validations.of(queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue of an EventBridge rule; the check only knows those of queues.',
    });
    new CfnOutput(this, 'UndeliveredUploadsUrl', { value: queue.queueUrl });
    return queue;
  }

  private sendUploadsToAnalysis(dataBucket: PrivateBucket): void {
    new Rule(this, 'Uploaded', {
      description: 'An object arrived under uploads/: have it analysed',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [dataBucket.bucketName] },
          object: { key: [{ prefix: folderPrefix('uploads') }] },
        },
      },
      targets: [
        new SqsQueue(this.queues.analysis.queue, {
          // As long and as often as EventBridge can: the alternative is an upload nobody hears of.
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
          deadLetterQueue: this.undeliveredUploads,
        }),
      ],
    });
  }
}

const ALARM_TEXTS: Record<WorkQueueName, { readonly deadLetters: AlarmText; readonly waiting: AlarmText }> = {
  analysis: {
    deadLetters: {
      impact: 'Uploads or requests were accepted, but planning their analysis failed five times.',
      firstAction:
        'Read one message for its job or object, and find its error in the log of the planning function.',
      runbook: 'analysis-queue-dead-letters',
      severity: 'page',
    },
    waiting: {
      impact: 'New analyses start late, so users watch jobs that do not move.',
      firstAction: 'Compare messages in flight with the worker cap: at the cap it is load, below it a fault.',
      runbook: 'analysis-queue-waiting',
      severity: 'ticket',
    },
  },
  signature: {
    deadLetters: {
      impact: 'A chunk or shard failed five times, so its job cannot finish.',
      firstAction:
        'Read one message for its job and range, and find its error in the log of the worker function.',
      runbook: 'signature-queue-dead-letters',
      severity: 'page',
    },
    waiting: {
      impact: 'Large datasets take longer than promised, and every tenant may feel it.',
      firstAction:
        'Look for one tenant filling the queue, then compare messages in flight with the worker cap.',
      runbook: 'signature-queue-waiting',
      severity: 'ticket',
    },
  },
  report: {
    deadLetters: {
      impact: 'An analysis is complete, but its report could not be written in five attempts.',
      firstAction: 'Read one message for its job, and find its error in the log of the reporting function.',
      runbook: 'report-queue-dead-letters',
      severity: 'page',
    },
    waiting: {
      impact: 'Finished analyses are shown as still running, because their reports are late.',
      firstAction: 'Compare messages in flight with the worker cap: at the cap it is load, below it a fault.',
      runbook: 'report-queue-waiting',
      severity: 'ticket',
    },
  },
};
