/**
 * The environment variables of the functions. A stack gives a function those it asks for, and the function reads
 * exactly those, so that a missing one is a failed synthesis or a clear error at the first call.
 */
export const ENVIRONMENT = {
  dataBucket: 'DATA_BUCKET',
  jobsTable: 'JOBS_TABLE',
  analysisQueueUrl: 'ANALYSIS_QUEUE_URL',
  signatureQueueUrl: 'SIGNATURE_QUEUE_URL',
  reportQueueUrl: 'REPORT_QUEUE_URL',
  alertTopicArn: 'ALERT_TOPIC_ARN',
  /** Namespace of the metrics, which is the deployment's name: dev and production may share an account. */
  metricsNamespace: 'METRICS_NAMESPACE',
  /** Days that reports are kept. */
  resultDays: 'RESULT_DAYS',
  /** Days that events and commits of a job are kept. */
  recordDays: 'RECORD_DAYS',
} as const;

export type EnvironmentName = keyof typeof ENVIRONMENT;

/** The values of some of the variables, by their names in the code. */
export type Environment<N extends EnvironmentName = EnvironmentName> = Readonly<Record<N, string>>;
