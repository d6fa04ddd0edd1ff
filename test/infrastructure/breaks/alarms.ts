import { asList, at } from '../template.ts';
import { type Break, drop, resource, set, stack, unset } from './mutations.ts';

const SLOW = 'ALARM("creative-dynamics-observability-api-slow")';
const ALERTS = {
  'Fn::GetStackOutput': {
    StackName: 'creative-dynamics-storage',
    OutputName: 'PublishOutputRefAlerts91F83244530E09C4',
  },
};

/** Mistakes with alarms, and with the pages that are made of them. */
export const ALARM_BREAKS: readonly Break[] = [
  {
    invariant: 'alarmsAreActionable',
    what: 'an alarm that only names its metric',
    inflict: set('Processing', 'ReportWaitingTooLong', {
      AlarmDescription: 'Age of oldest message too high',
    }),
    finding: 'does not say impact, first action, severity and runbook',
  },
  {
    invariant: 'alarmsAreActionable',
    what: 'an alarm without an action',
    inflict: unset('Processing', 'ReportWaitingTooLong', 'AlarmActions'),
    finding: 'tells nobody (AlarmActions)',
  },
  {
    invariant: 'alarmsAreActionable',
    what: 'an alarm that tells a topic that does not exist',
    inflict: drop('Storage', 'Alerts'),
    finding: 'tells nobody (OKActions)',
  },
  {
    invariant: 'alarmsAreActionable',
    what: 'a muted alarm',
    inflict: set('Processing', 'AnalysisWaitingTooLong', { ActionsEnabled: false }),
    finding: 'is muted',
  },
  {
    invariant: 'alarmsKnowMissingData',
    what: 'an alarm that leaves missing data open',
    inflict: unset('Processing', 'AnalysisWaitingTooLong', 'TreatMissingData'),
    finding: 'does not say what missing data means',
  },
  {
    invariant: 'alarmsAreActionable',
    what: 'an alarm for which somebody is to be woken that does so by itself',
    inflict: set('Processing', 'AnalysisDeadLettersNotEmpty', { OKActions: [ALERTS] }),
    finding: 'wakes by itself (OKActions)',
  },
  {
    invariant: 'alarmsKnowMissingData',
    what: 'a heartbeat that may stop',
    inflict: set('Processing', 'PipelineSweepSilent', { TreatMissingData: 'notBreaching' }),
    finding: 'does not notice that nothing comes any more',
  },
  {
    invariant: 'alarmsKnowMissingData',
    what: 'a quiet queue that rings',
    inflict: set('Processing', 'ReportWaitingTooLong', { TreatMissingData: 'breaching' }),
    finding: 'takes missing data for breaching',
  },
  {
    invariant: 'alarmsFitCloudWatch',
    what: 'more datapoints than periods',
    inflict: set('Processing', 'ReportWaitingTooLong', { DatapointsToAlarm: 4 }),
    finding: 'wants 4 of 3 datapoints',
  },
  {
    invariant: 'alarmsFitCloudWatch',
    what: 'a period that CloudWatch does not evaluate by the minute',
    inflict: set('Processing', 'ReportWaitingTooLong', { Period: 90 }),
    finding: 'has a period of 90 s',
  },
  {
    invariant: 'alarmsFitCloudWatch',
    what: 'a look back over more than a day',
    inflict: set('Processing', 'ReportWaitingTooLong', { Period: 300, EvaluationPeriods: 289 }),
    finding: 'looks back over 86700 s',
  },
  {
    invariant: 'alarmsFitCloudWatch',
    what: 'a percentile of one request',
    inflict: unset('Observability', 'ObjectivesSlow', 'EvaluateLowSampleCountPercentile'),
    finding: 'takes the slowest of a few for a percentile',
  },
  {
    invariant: 'alarmsFitCloudWatch',
    what: 'a filled sum of which every datapoint has to breach',
    inflict: set('Storage', 'JobsThrottled', { DatapointsToAlarm: 6 }),
    finding: 'never sees its newest datapoint breach',
  },
  {
    invariant: 'alarmsFitCloudWatch',
    what: 'eleven metrics',
    inflict: (assembly) => {
      const { Properties } = resource(assembly, 'Storage', 'JobsFailing');
      const metrics = asList(at(Properties, 'Metrics'));
      Properties['Metrics'] = [...metrics, ...metrics.slice(1)];
    },
    finding: 'adds more than ten metrics',
  },
  {
    invariant: 'pagesAreComplete',
    what: 'dead letters that wake nobody',
    inflict: set('Observability', 'PagesworkLost', {
      AlarmRule: 'ALARM("creative-dynamics-processing-undelivered-uploads")',
    }),
    finding: 'Processing/AnalysisDeadLettersNotEmpty',
  },
  {
    invariant: 'pagesAreComplete',
    what: 'an alarm that wakes twice',
    inflict: set('Observability', 'PagesapiSlow', {
      AlarmRule: `${SLOW} OR ALARM("creative-dynamics-processing-undelivered-uploads")`,
    }),
    finding: 'is in 2 pages',
  },
  {
    invariant: 'pagesAreMadeOfAlarms',
    what: 'a page of an alarm that was renamed',
    inflict: set('Observability', 'PagesapiSlow', { AlarmRule: 'ALARM("creative-dynamics-api-slow")' }),
    finding: 'creative-dynamics-api-slow, which does not exist',
  },
  {
    invariant: 'pagesAreMadeOfAlarms',
    what: 'a page of a ticket',
    inflict: set('Observability', 'PagesapiSlow', {
      AlarmRule: `${SLOW} OR ALARM("creative-dynamics-observability-api-latency")`,
    }),
    finding: 'wakes somebody for the ticket',
  },
  {
    invariant: 'pagesAreMadeOfAlarms',
    what: 'a page that rings while all is well',
    inflict: set('Observability', 'PagesapiSlow', { AlarmRule: `NOT ${SLOW}` }),
    finding: 'has a rule that is not one of alarms',
  },
  {
    invariant: 'pagesAreMadeOfAlarms',
    what: 'a page that is deployed before its alarms',
    inflict: (assembly) => {
      stack(assembly, 'Observability').dependsOn = [];
    },
    finding: 'is deployed before creative-dynamics-processing-undelivered-uploads',
  },
  {
    invariant: 'pagesOnlyWake',
    what: 'a page that scales',
    inflict: set('Observability', 'PagesworkLost', { AlarmActions: [{ Ref: 'Policy' }] }),
    finding: 'does not only wake (AlarmActions)',
  },
  {
    invariant: 'pagesOnlyWake',
    what: 'a page that does not say when it is over',
    inflict: unset('Observability', 'PagesworkLost', 'OKActions'),
    finding: 'tells only half',
  },
  {
    invariant: 'pagesOnlyWake',
    what: 'a page that waits for an alarm that is not there',
    inflict: drop('Observability', 'PagesapiDown'),
    finding: 'waits for a cause that is no page',
  },
];
