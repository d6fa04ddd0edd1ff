import type { Resource } from '../template.ts';
import { type Break, drop, resource, set, stack, unset } from './mutations.ts';

const WORKER = 'PipelineScanAndAnalyseFunction';
const MAPPING = 'PipelineScanAndAnalyseFunctionSqsEventSourceProcessingSignatureQueue[0-9A-F]{8}';

/** Mistakes with functions and what calls them. */
export const FUNCTION_BREAKS: readonly Break[] = [
  {
    invariant: 'functionsAreModern',
    what: 'an old runtime',
    inflict: set('Processing', WORKER, { Runtime: 'nodejs20.x' }),
    finding: 'runs on nodejs20.x',
  },
  {
    invariant: 'functionsAreModern',
    what: 'the dearer processor',
    inflict: unset('Processing', WORKER, 'Architectures'),
    finding: 'is not for arm64',
  },
  {
    invariant: 'functionsAreModern',
    what: 'a function without traces',
    inflict: set('Processing', WORKER, { TracingConfig: { Mode: 'PassThrough' } }),
    finding: 'is not traced',
  },
  {
    invariant: 'functionsAreModern',
    what: 'a function with three seconds by default',
    inflict: unset('Processing', WORKER, 'Timeout'),
    finding: 'does not say its Timeout',
  },
  {
    invariant: 'functionsForgetLogs',
    what: 'a log that Lambda makes by itself',
    inflict: unset('Processing', WORKER, 'LoggingConfig'),
    finding: 'has no log group of its own',
  },
  {
    invariant: 'functionsForgetLogs',
    what: 'a log that is kept for ever',
    inflict: unset('Processing', 'PipelineSweepLog', 'RetentionInDays'),
    finding: 'logs for ever',
  },
  {
    invariant: 'functionsForgetLogs',
    what: 'two functions in one log',
    inflict: (assembly) => {
      const { LoggingConfig } = resource(assembly, 'Processing', 'PipelineSweepFunction').Properties;
      Object.assign(resource(assembly, 'Processing', WORKER).Properties, { LoggingConfig });
    },
    finding: 'shares its log group',
  },
  {
    invariant: 'functionsHaveOwnRoles',
    what: 'a policy that AWS manages',
    inflict: set('Processing', 'PipelineSweepRole', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/X'] }),
    finding: 'has a managed policy',
  },
  {
    invariant: 'functionsHaveOwnRoles',
    what: 'two functions with one role',
    inflict: (assembly) => {
      const { Role } = resource(assembly, 'Processing', 'PipelineSweepFunction').Properties;
      Object.assign(resource(assembly, 'Processing', WORKER).Properties, { Role });
    },
    finding: 'shares its role',
  },
  {
    invariant: 'functionsHaveOwnRoles',
    what: 'a role that is gone',
    inflict: drop('Processing', 'PipelineSweepRole'),
    finding: 'has no role of its own',
  },
  {
    invariant: 'onlyCallersReserve',
    what: 'reserved concurrency of a worker',
    inflict: set('Processing', WORKER, { ReservedConcurrentExecutions: 10 }),
    finding: 'reserves concurrency',
  },
  {
    invariant: 'onlyCallersReserve',
    what: 'reserved concurrency in a fresh account',
    stage: 'dev',
    inflict: set('Api', 'FunctionsControlFunction', { ReservedConcurrentExecutions: 10 }),
    finding: 'reserves concurrency',
  },
  {
    invariant: 'eventSourcesKeepMessages',
    what: 'a function that runs longer than its messages are hidden',
    inflict: set('Processing', 'PipelineWriteReportFunction', { Timeout: 301 }),
    finding: 'shows messages again while they are handled',
  },
  {
    invariant: 'eventSourcesKeepMessages',
    what: 'a batching window',
    inflict: set('Processing', MAPPING, { MaximumBatchingWindowInSeconds: 1 }),
    finding: 'waits for a batch',
  },
  {
    invariant: 'eventSourcesKeepMessages',
    what: 'batches that fail as a whole',
    inflict: unset('Processing', MAPPING, 'FunctionResponseTypes'),
    finding: 'repeats whole batches',
  },
  {
    invariant: 'eventSourcesKeepMessages',
    what: 'workers without a cap',
    inflict: unset('Processing', MAPPING, 'ScalingConfig'),
    finding: 'has no cap',
  },
  {
    invariant: 'eventSourcesKeepMessages',
    what: 'an event source of nothing',
    inflict: (assembly) => {
      const { Resources } = stack(assembly, 'Processing').template;
      delete Resources['SignatureQueueC497B5A6'];
    },
    finding: 'joins nothing',
  },
  {
    invariant: 'callersAreLetIn',
    what: 'a permission of the function where its alias is called',
    inflict: permission('Api', 'events.amazonaws.com', (properties) => {
      properties['FunctionName'] = { 'Fn::GetAtt': ['FunctionsControlFunction0308424F', 'Arn'] };
    }),
    finding: 'Api/Heartbeats',
  },
  {
    invariant: 'callersAreLetIn',
    what: 'an alarm that may not call',
    inflict: permission('Processing', 'lambda.alarms.cloudwatch.amazonaws.com', (properties) => {
      properties['Principal'] = 'cloudwatch.amazonaws.com';
    }),
    finding: 'is not let in to CapacityFunction',
  },
  {
    invariant: 'callersAreLetIn',
    what: 'an API that may not ask who calls',
    inflict: permission('Api', 'apigateway.amazonaws.com', (properties) => {
      delete properties['SourceArn'];
    }),
    finding: 'is not let in to Functions',
  },
];

/** Changes the first permission of a stack for a principal. */
function permission(
  id: string,
  principal: string,
  change: (properties: Resource['Properties']) => void,
): Break['inflict'] {
  return (assembly) => {
    const found = Object.values(stack(assembly, id).template.Resources).find(
      ({ Type, Properties }) => Type === 'AWS::Lambda::Permission' && Properties['Principal'] === principal,
    );
    change(found!.Properties);
  };
}
