import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type {
  DeadLettersEnvironment,
  PipelineEnvironment,
  SweepEnvironment,
} from '../../lambdas/contracts/environment.ts';
import type { Stage } from '../config/stage.ts';
import type { WorkQueueName } from '../config/work-queues.ts';
import type { AlertTopic } from '../constructs/alert-topic.ts';
import type { DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import type { PrivateBucket } from '../constructs/private-bucket.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import type { WebhookDeliveries } from './webhook-deliveries.ts';

/** What the functions of the pipeline work with. */
export interface PipelineFunctionsProps {
  readonly stage: Stage;
  readonly dataBucket: PrivateBucket;
  readonly jobsTable: TableV2;
  readonly alerts: AlertTopic;
  readonly queues: Readonly<Record<WorkQueueName, WorkQueue>>;
  readonly undeliveredUploads: DeadLetterQueue;
  readonly webhooks: WebhookDeliveries;
}

/** The variables that every function of the pipeline reads. */
export function pipelineEnvironment({
  stage,
  dataBucket,
  jobsTable,
  alerts,
  queues,
  webhooks,
}: PipelineFunctionsProps): PipelineEnvironment {
  const { partials, reports } = stage.retentionDays;
  const { jobs, gigabytes, heavyPerMinute } = stage.quotas;
  return {
    DATA_BUCKET: dataBucket.bucketName,
    JOBS_TABLE: jobsTable.tableName,
    ANALYSIS_QUEUE_URL: queues.analysis.queue.queueUrl,
    SIGNATURE_QUEUE_URL: queues.signature.queue.queueUrl,
    REPORT_QUEUE_URL: queues.report.queue.queueUrl,
    DELIVERY_QUEUE_URL: webhooks.workQueue.queue.queueUrl,
    ALERT_TOPIC_ARN: alerts.topicArn,
    METRICS_NAMESPACE: stage.deployment,
    RESULT_DAYS: String(reports),
    // A job may be redriven as long as its partials are there, and its report then lives on.
    RECORD_DAYS: String(partials + reports),
    TENANT_JOBS: String(jobs),
    TENANT_BYTES: String(gigabytes * 1e9),
    TENANT_HEAVY_PER_MINUTE: String(heavyPerMinute),
  };
}

/** The variables that redriving needs besides. */
export function deadLettersEnvironment({ queues }: PipelineFunctionsProps): DeadLettersEnvironment {
  return {
    ANALYSIS_DEAD_LETTERS_URL: queues.analysis.deadLetters.queueUrl,
    SIGNATURE_DEAD_LETTERS_URL: queues.signature.deadLetters.queueUrl,
    REPORT_DEAD_LETTERS_URL: queues.report.deadLetters.queueUrl,
  };
}

/** The variables that sweeping needs besides. */
export function sweepEnvironment(props: PipelineFunctionsProps): SweepEnvironment {
  return {
    ...deadLettersEnvironment(props),
    DELIVERY_DEAD_LETTERS_URL: props.webhooks.workQueue.deadLetters.queueUrl,
    UNDELIVERED_UPLOADS_URL: props.undeliveredUploads.queueUrl,
  };
}
