import type { Metric } from '../metrics.ts';

/** Metrics that the services here have, by namespace; those of functions are whatever they send. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'AWS/ApiGateway': ['4XXError', '5XXError', 'Count', 'Latency'],
  'AWS/ElastiCache': [
    ...['BytesUsedForCache', 'CacheHits', 'CacheMisses', 'CurrConnections', 'ElastiCacheProcessingUnits'],
    ...['Evictions', 'ThrottledCmds'],
  ],
  'AWS/Events': ['FailedInvocations', 'Invocations'],
  'AWS/Lambda': [
    ...['ConcurrentExecutions', 'Duration', 'Errors', 'Invocations', 'Throttles'],
    ...['ProvisionedConcurrencyInvocations', 'ProvisionedConcurrencySpilloverInvocations'],
    ...['ProvisionedConcurrencyUtilization', 'ProvisionedConcurrentExecutions'],
  ],
  'AWS/RDS': ['AuroraReplicaLag', 'CPUUtilization', 'DatabaseConnections'],
  'AWS/SQS': [
    ...['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesDelayed'],
    ...[
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesVisible',
      'NumberOfMessagesSent',
    ],
  ],
};

/** Dimensions that no service here tells apart. */
const UNKNOWN_DIMENSIONS = ['ExecutedVersion', 'Method', 'ProxyName'];

/** Whether a metric has values here once there is something to tell. */
export function isKnown({ namespace, name, dimensions }: Metric): boolean {
  if (!namespace.startsWith('AWS/')) return true;
  if (UNKNOWN_DIMENSIONS.some((dimension) => dimension in dimensions)) return false;
  return KNOWN[namespace]?.includes(name) ?? false;
}
