import type { TypeCoverage } from './coverage.ts';

const ACTIONS = ['ActionsEnabled', 'AlarmActions', 'InsufficientDataActions', 'OKActions'];

/** What of CloudWatch's types is acted on. */
export const ALARM_COVERAGE: Readonly<Record<string, TypeCoverage>> = {
  'AWS::CloudWatch::Alarm': {
    honoured: [
      ...ACTIONS,
      ...['AlarmDescription', 'AlarmName', 'ComparisonOperator', 'DatapointsToAlarm', 'Dimensions'],
      ...['EvaluateLowSampleCountPercentile', 'EvaluationPeriods', 'ExtendedStatistic', 'MetricName'],
      ...['Metrics', 'Namespace', 'Period', 'Statistic', 'Threshold', 'TreatMissingData'],
    ],
    // A metric has one unit here.
    withoutEffect: ['Tags', 'Unit'],
  },
  'AWS::CloudWatch::CompositeAlarm': {
    honoured: [
      ...ACTIONS,
      ...['ActionsSuppressor', 'ActionsSuppressorExtensionPeriod', 'ActionsSuppressorWaitPeriod'],
      ...['AlarmDescription', 'AlarmName', 'AlarmRule'],
    ],
    withoutEffect: ['Tags'],
  },
};
