import { type Break, drop, set, unset } from './mutations.ts';

const QUEUE_ARN = { 'Fn::GetAtt': ['AnalysisQueueB05B760F', 'Arn'] };

/** Mistakes with queues and rules. */
export const MESSAGING_BREAKS: readonly Break[] = [
  {
    invariant: 'queuesRedrive',
    what: 'a queue without a redrive policy',
    inflict: unset('Processing', 'AnalysisQueue', 'RedrivePolicy'),
    finding: 'AnalysisQueueB05B760F has no redrive policy',
  },
  {
    invariant: 'queuesRedrive',
    what: 'a queue that gives up early',
    inflict: set('Processing', 'ReportQueue', {
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': ['ReportDeadLetters911BB535', 'Arn'] },
        maxReceiveCount: 3,
      },
    }),
    finding: 'gives up before the fifth receive',
  },
  {
    invariant: 'queuesRedrive',
    what: 'a dead-letter queue that does not exist',
    inflict: drop('Processing', 'SignatureDeadLetters'),
    finding: 'SignatureQueueC497B5A6 redrives to no queue',
  },
  {
    invariant: 'deadLettersAreKept',
    what: 'dead letters kept for the default four days',
    inflict: unset('Processing', 'UndeliveredUploads', 'MessageRetentionPeriod'),
    finding: 'UndeliveredUploads58C8A158 keeps dead letters for 345600 s only',
  },
  {
    invariant: 'deadLettersAreKept',
    what: 'a queue that keeps messages as long as its dead letters',
    inflict: set('Processing', 'ReportQueue', { MessageRetentionPeriod: 1_209_600 }),
    finding: 'leaves its dead letters no time',
  },
  {
    invariant: 'queuesHaveAlarms',
    what: 'dead letters nobody watches',
    inflict: drop('Processing', 'AnalysisDeadLettersNotEmpty'),
    finding: 'AnalysisDeadLetters076E41A5 has no alarm on ApproximateNumberOfMessagesVisible',
  },
  {
    invariant: 'queuesHaveAlarms',
    what: 'an alarm that watches another queue',
    inflict: set('Processing', 'SignatureWaitingTooLong', {
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['ReportQueue4B64E0B2', 'QueueName'] } }],
    }),
    finding: 'SignatureQueueC497B5A6 has no alarm on ApproximateAgeOfOldestMessage',
  },
  {
    invariant: 'queuesAreEncrypted',
    what: 'a queue in plain text',
    inflict: set('Processing', 'AnalysisQueue', { SqsManagedSseEnabled: false }),
    finding: 'AnalysisQueueB05B760F is not encrypted',
  },
  {
    invariant: 'queuesAreEncrypted',
    what: 'a queue without its policy',
    inflict: drop('Processing', 'ReportDeadLettersPolicy'),
    finding: 'ReportDeadLetters911BB535 accepts plain HTTP',
  },
  {
    invariant: 'rulesKeepUndelivered',
    what: 'a rule that drops what it cannot deliver',
    inflict: set('Processing', 'Uploaded', { Targets: [{ Arn: QUEUE_ARN, Id: 'Target0' }] }),
    finding: 'drops events it cannot deliver',
  },
  {
    invariant: 'rulesKeepUndelivered',
    what: 'a rule that leaves its retries to the default',
    inflict: set('Processing', 'Uploaded', { Targets: [{ Arn: QUEUE_ARN, Id: 'Target0' }] }),
    finding: 'a target without a retry policy',
  },
];
