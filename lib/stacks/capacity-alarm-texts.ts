import type { WorkQueueName } from '../config/work-queues.ts';
import type { AlarmText } from '../constructs/operational-alarm.ts';

export const CAPACITY_ALARM_TEXTS = {
  errors: {
    impact: 'Workers and the limits of the cache stay as they are, whatever load there is.',
    firstAction:
      'Read the error in the log of the capacity controller; a mapping or cache that takes no change is the usual cause.',
    runbook: 'capacity-errors',
    severity: 'ticket',
  },
  silent: {
    impact: 'Nobody has looked for a quarter of an hour how many workers are wanted: they stay as they are.',
    firstAction: 'Look whether its EventBridge rule is enabled and its function may be invoked.',
    runbook: 'capacity-silent',
    severity: 'ticket',
  },
  atMost: {
    impact: 'All workers that there may be are not enough, so analyses wait longer than they should.',
    firstAction:
      'Look for one tenant that fills a queue; if it is load, raise the most workers of the stage and the quota with it.',
    runbook: 'capacity-at-most',
    severity: 'ticket',
  },
  heldBack: {
    impact: 'The database cannot bear as many workers as there is work for, so analyses wait.',
    firstAction:
      'Look at the processors, capacity and pinned connections of the database, and raise its maximum capacity.',
    runbook: 'capacity-held-back',
    severity: 'ticket',
  },
} as const satisfies Record<string, AlarmText>;

const COMPARE =
  'Read the last decision in the log of the capacity controller: it says why there are not more workers.';

/** Each also has the capacity controller look at once. */
export const BACKLOG_TEXTS: Readonly<Record<WorkQueueName, AlarmText>> = {
  analysis: {
    impact: 'It takes more than a minute to work off the uploads and requests that wait to be planned.',
    firstAction: COMPARE,
    runbook: 'analysis-queue-backlog',
    severity: 'ticket',
  },
  signature: {
    impact: 'It takes more than a minute to work off the chunks and shards of large datasets that wait.',
    firstAction: COMPARE,
    runbook: 'signature-queue-backlog',
    severity: 'ticket',
  },
  report: {
    impact: 'It takes more than a minute to work off the reports of finished analyses that wait.',
    firstAction: COMPARE,
    runbook: 'report-queue-backlog',
    severity: 'ticket',
  },
};
