import type { AlarmText } from '../constructs/operational-alarm.ts';

export const API_ALARM_TEXTS = {
  failing: {
    impact: 'Requests to the API are answered with errors that are ours, so clients retry or give up.',
    firstAction:
      'Look in the access log which routes answer 5xx, and find their request ids in the functions’ logs.',
    runbook: 'api-failing',
    severity: 'ticket',
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
  silent: {
    impact: 'Not even heartbeats reach a function of the API, so nobody knows whether requests would.',
    firstAction:
      'Ask GET /health, then look at the rule of the heartbeats and at the throttles of the function.',
    runbook: 'api-silent',
    severity: 'ticket',
  },
  spillOver: {
    impact:
      'For minutes more requests came than environments were ready for, and the rest waited for cold starts.',
    firstAction:
      'Compare the requests of the function with its ready environments, and those with the maximum of the stage.',
    runbook: 'api-spill-over',
    severity: 'ticket',
  },
  atMaximum: {
    impact: 'Scaling keeps ready nearly as many environments as it may: what more load comes starts cold.',
    firstAction:
      'See on the dashboard whether the load is real, and raise the maximum of the stage if it will stay.',
    runbook: 'api-at-maximum',
    severity: 'ticket',
  },
  blocked: {
    impact:
      'The firewall turns away many requests: a flood, or a customer whose requests are mistaken for one.',
    firstAction:
      'Count the addresses and rules in the log of the firewall, and find out whether the busiest is a customer.',
    runbook: 'api-blocked',
    severity: 'ticket',
  },
} as const satisfies Record<string, AlarmText>;
