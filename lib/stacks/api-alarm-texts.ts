import type { AlarmText } from '../constructs/operational-alarm.ts';

export const API_ALARM_TEXTS = {
  failing: {
    impact: 'Requests to the API are answered with errors that are ours, so clients retry or give up.',
    firstAction:
      'Look in the access log which routes answer 5xx, and find their request ids in the functions’ logs.',
    runbook: 'api-failing',
    severity: 'page',
  },
  slow: {
    impact: 'One request in twenty takes longer than a second, so dashboards and scripts feel stuck.',
    firstAction:
      'Compare the latency of the routes on the dashboard: one slow route is its store, all are the function.',
    runbook: 'api-slow',
    severity: 'page',
  },
  control: {
    impact: 'The function behind jobs, datasets and tokens dies or runs out of time, so those requests fail.',
    firstAction: 'Look in the log of the function for the last lines before "Status: error" or "timeout".',
    runbook: 'api-control-errors',
    severity: 'ticket',
  },
  query: {
    impact: 'The function behind results dies or runs out of time, so creatives and reports cannot be seen.',
    firstAction: 'Ask GET /health/ready which dependency is down, then look in the log of the function.',
    runbook: 'api-query-errors',
    severity: 'ticket',
  },
  analyze: {
    impact: 'The function behind POST /api/analyze dies or runs out of time, so analyses at once fail.',
    firstAction: 'Look in the log of the function for the last lines before "Status: error" or "timeout".',
    runbook: 'api-analyze-errors',
    severity: 'ticket',
  },
  authorizer: {
    impact: 'It cannot be found out who calls, so requests are refused although their tokens are valid.',
    firstAction:
      'Read the error in the log of the authorizer: the access table or a permission is the usual cause.',
    runbook: 'authorizer-errors',
    severity: 'page',
  },
} as const satisfies Record<string, AlarmText>;
