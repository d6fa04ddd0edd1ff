import type { AlarmText } from '../constructs/operational-alarm.ts';

export const OBJECTIVE_ALARM_TEXTS = {
  apiErrorsFast: {
    impact: 'So many requests fail that the errors a month may have are used up within two days.',
    firstAction:
      'Look in the access log which routes answer 5xx since when, and whether that was a deployment.',
    runbook: 'api-errors-fast',
    severity: 'page',
  },
  apiErrorsSlow: {
    impact: 'Requests fail steadily, and the errors a month may have are used up within five days.',
    firstAction: 'Look in the access log which routes answer 5xx, and what these requests have in common.',
    runbook: 'api-errors-slow',
    severity: 'page',
  },
  apiErrorsDaily: {
    impact: 'More requests fail than were promised, and the errors a month may have last ten days.',
    firstAction: 'Count the errors of the day by route and by cause, and mend the most frequent.',
    runbook: 'api-errors-daily',
    severity: 'ticket',
  },
  apiLatency: {
    impact: 'One request in twenty takes longer than the stage promises, for some minutes.',
    firstAction:
      'Compare the latency of the routes on the dashboard: one slow route is its store, all are the functions.',
    runbook: 'api-latency',
    severity: 'ticket',
  },
  apiSlow: {
    impact:
      'One request in twenty has taken longer than promised for a quarter of an hour: dashboards feel stuck.',
    firstAction:
      'Compare the latency of the routes on the dashboard: one slow route is its store, all are the functions.',
    runbook: 'api-slow',
    severity: 'page',
  },
  jobsLate: {
    impact: 'Jobs of this hour take over a quarter of an hour or fail through us, so users wait for results.',
    firstAction: 'Look on the dashboard which queue is old, then at the errors of the function behind it.',
    runbook: 'jobs-late',
    severity: 'page',
  },
  queuesStuck: {
    impact: 'Messages wait four times as long as promised, so jobs do not move and users watch them.',
    firstAction:
      'Compare messages in flight with the workers allowed: below it workers fail or are throttled.',
    runbook: 'queues-stuck',
    severity: 'page',
  },
  jobsSlow: {
    impact: 'One in twenty data sets of the usual size takes over half a minute, which its user watches.',
    firstAction: 'See on the dashboard which function takes longer than it did, and what it waits for.',
    runbook: 'jobs-slow',
    severity: 'ticket',
  },
  jobsLateDaily: {
    impact: 'More jobs of this day were late or failed through us than was promised.',
    firstAction: 'List the failed and the slowest jobs of the day, and mend what most have in common.',
    runbook: 'jobs-late-daily',
    severity: 'ticket',
  },
} as const satisfies Record<string, AlarmText>;
