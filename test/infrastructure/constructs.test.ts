import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { type AlarmText, OperationalAlarm } from '../../lib/constructs/operational-alarm.ts';
import { WorkQueue, type WorkQueueProps } from '../../lib/constructs/work-queue.ts';
import { createOutdir } from './outdir.ts';

const TEXT: AlarmText = {
  impact: 'Nobody gets their numbers today.',
  firstAction: 'Read the log of the function that failed.',
  severity: 'ticket' as const,
  runbook: 'numbers-missing',
};

function queueTemplate(props: Partial<WorkQueueProps> = {}): Template {
  const stack = new Stack(new App({ outdir: createOutdir() }), 'Test', { stackName: 'test' });
  new WorkQueue(stack, 'Work', {
    consumer: { timeout: Duration.seconds(30) },
    promisedWait: Duration.minutes(2),
    alerts: new Topic(stack, 'Alerts'),
    deadLetters: { ...TEXT, runbook: 'work-dead-letters' },
    waiting: { ...TEXT, runbook: 'work-waiting' },
    ...props,
  });
  return Template.fromStack(stack);
}

describe('WorkQueue', () => {
  it.each([
    { timeout: 30, window: undefined, visibility: 180 },
    { timeout: 30, window: 20, visibility: 200 },
    { timeout: 900, window: 0, visibility: 5400 },
  ])(
    'hides a message for $visibility s from a consumer of $timeout s that collects for $window s',
    (given) => {
      const consumer = {
        timeout: Duration.seconds(given.timeout),
        ...(given.window !== undefined && { batchingWindow: Duration.seconds(given.window) }),
      };
      queueTemplate({ consumer }).hasResourceProperties('AWS::SQS::Queue', {
        VisibilityTimeout: given.visibility,
      });
    },
  );

  it('rings when a message waited half of what was promised, three minutes in a row', () => {
    queueTemplate({ promisedWait: Duration.minutes(15) }).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateAgeOfOldestMessage',
      Statistic: 'Maximum',
      Threshold: 450,
      EvaluationPeriods: 3,
      TreatMissingData: 'notBreaching',
    });
  });

  it('rings at the first dead letter', () => {
    queueTemplate().hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      AlarmName: 'test-work-dead-letters',
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
      EvaluationPeriods: 1,
      AlarmDescription: `Impact: ${TEXT.impact} First action: ${TEXT.firstAction} Severity: ticket. Runbook: docs/operations.md#work-dead-letters`,
    });
  });
});

describe('OperationalAlarm', () => {
  it.each([
    { severity: 'ticket', tells: true },
    { severity: 'page', tells: false },
  ] as const)('tells somebody by itself as a $severity: $tells', ({ severity, tells }) => {
    const template = queueTemplate({ waiting: { ...TEXT, runbook: 'work-waiting', severity } });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'test-work-waiting',
      AlarmActions: tells ? [{ Ref: Match.anyValue() }] : Match.absent(),
      OKActions: tells ? [{ Ref: Match.anyValue() }] : Match.absent(),
    });
  });

  it('does not take the slowest of a few for a percentile, and asks nothing of the kind of other metrics', () => {
    const stack = new Stack(new App({ outdir: createOutdir() }), 'Test', { stackName: 'test' });
    for (const statistic of ['p95', 'Maximum']) {
      new OperationalAlarm(stack, statistic, {
        ...TEXT,
        part: statistic.toLowerCase(),
        alerts: new Topic(stack, `Alerts${statistic}`),
        metric: new Metric({ namespace: 'test', metricName: 'Latency', statistic }),
        threshold: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
    }
    const template = Template.fromStack(stack);
    for (const [part, lowSamples] of [
      ['p95', 'ignore'],
      ['maximum', Match.absent()],
    ])
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmName: `test-numbers-missing-${part}`,
        EvaluateLowSampleCountPercentile: lowSamples,
      });
  });

  it.each([
    { what: 'an empty impact', text: { ...TEXT, impact: '' } },
    { what: 'an impact that is no sentence', text: { ...TEXT, impact: 'queue depth' } },
    { what: 'an impact in one word', text: { ...TEXT, impact: 'Bad.' } },
    { what: 'no first action', text: { ...TEXT, firstAction: ' ' } },
    { what: 'a first action without an end', text: { ...TEXT, firstAction: 'Look at the log of it' } },
    { what: 'no runbook anchor', text: { ...TEXT, runbook: '' } },
    { what: 'a runbook anchor nobody could link to', text: { ...TEXT, runbook: 'See the Wiki' } },
  ])('refuses $what', ({ text }) => {
    expect(() => queueTemplate({ waiting: text })).toThrow(
      /Alarm WaitingTooLong: the (impact|first action|runbook)/,
    );
  });
});
