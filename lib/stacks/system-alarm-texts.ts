import type { AlarmText } from '../constructs/operational-alarm.ts';

export const SYSTEM_ALARM_TEXTS = {
  concurrency: {
    impact:
      'Lambda soon runs nothing more at a time for this account, and requests and jobs are turned away.',
    firstAction:
      'See which function runs how often at a time, and lower the worker caps or ask for a larger quota.',
    runbook: 'account-concurrency',
    severity: 'ticket',
  },
  throttled: {
    impact: 'Lambda turns invocations away for minutes, so requests fail and messages wait.',
    firstAction:
      'See which function is throttled, and whether its own reserve or that of the account is used up.',
    runbook: 'functions-throttled',
    severity: 'ticket',
  },
  memory: {
    impact: 'A function soon runs out of memory: what it was at is tried again, and in the end given up.',
    firstAction: 'Ask the logs which function it is, and at which work.',
    runbook: 'functions-memory',
    severity: 'ticket',
  },
  events: {
    impact: 'EventBridge cannot deliver, so uploads are not analysed or schedules do not run.',
    firstAction: 'See which rule fails, and whether its target and the permission to call it are there.',
    runbook: 'events-undelivered',
    severity: 'ticket',
  },
  notLoaded: {
    impact: 'Jobs succeed, but their creatives cannot be searched until the database takes them.',
    firstAction: 'Look at the alarms of the database, then in the log of the storing function.',
    runbook: 'results-not-loaded',
    severity: 'ticket',
  },
  notJoined: {
    impact: 'Uploads are analysed, but the history of their dataset does not have their days.',
    firstAction: 'Look at the alarms of the database, then in the log of the storing function.',
    runbook: 'uploads-not-joined',
    severity: 'ticket',
  },
  notAnnounced: {
    impact: 'Jobs end and webhooks do not hear of it, so those who wait for them ask or wait.',
    firstAction:
      'Look in the logs of the workers for what refuses: DynamoDB, the queue of deliveries, a permission.',
    runbook: 'ends-not-announced',
    severity: 'ticket',
  },
} as const satisfies Record<string, AlarmText>;
