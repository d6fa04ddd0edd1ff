import type { AlarmText } from '../constructs/operational-alarm.ts';

/**
 * Entry of the runbook of alarms with severity `page`. Of those that share an entry one is enough, or, where they are the
 * windows of a burn rate, all together.
 */
export type Sign = string | { readonly together: string };

export interface PageText extends Omit<AlarmText, 'severity'> {
  /** The alarms of which one is enough to wake somebody. Each stands in one page, so that it wakes them once. */
  readonly signs: readonly Sign[];
}

export type PageName =
  | 'apiDown'
  | 'apiSlow'
  | 'pipelineStuck'
  | 'workLost'
  | 'databaseExhausted'
  | 'canaryFailing'
  | 'wrongNumbers';

export const PAGES: Readonly<Record<PageName, PageText>> = {
  apiDown: {
    impact: 'Clients get errors that are ours, so dashboards and scripts do not work for many of them.',
    firstAction:
      'See on the dashboard which alarm rings and which routes fail, and undo the last deployment.',
    runbook: 'page-api-down',
    signs: [{ together: 'api-errors-fast' }, { together: 'api-errors-slow' }, 'authorizer-errors'],
  },
  apiSlow: {
    impact: 'Clients wait for every answer, and those with short time-outs give up.',
    firstAction: 'Compare the latency of the routes on the dashboard, then cold starts, database and cache.',
    runbook: 'page-api-slow',
    signs: ['api-slow'],
  },
  pipelineStuck: {
    impact: 'Datasets were uploaded and their results do not come, so users watch jobs that do not move.',
    firstAction: 'See on the dashboard which queue grows old, and whether its workers fail or are too few.',
    runbook: 'page-pipeline-stuck',
    signs: [{ together: 'jobs-late' }, 'queues-stuck', 'sweeping-silent'],
  },
  workLost: {
    impact: 'Work that was accepted lies in a dead-letter queue, and is gone for good after 14 days.',
    firstAction: 'Read one message of the queue for its job, find and mend the cause, then redrive.',
    runbook: 'page-work-lost',
    signs: [
      'analysis-queue-dead-letters',
      'signature-queue-dead-letters',
      'report-queue-dead-letters',
      'undelivered-uploads',
    ],
  },
  databaseExhausted: {
    impact: 'The database is at its end, and soon neither takes results nor answers queries.',
    firstAction: 'See which of capacity, memory and connections ran out, and raise the stage’s maximum.',
    runbook: 'page-database-exhausted',
    signs: ['database-capacity', 'database-memory', 'database-connections'],
  },
  canaryFailing: {
    impact: 'A customer of our own gets no answers, so others most likely get none either.',
    firstAction: 'Read in the log of the canary which request failed, and follow its request id.',
    runbook: 'page-canary-failing',
    signs: ['canary-failing'],
  },
  wrongNumbers: {
    impact: 'Analyses come out with other numbers than are right, and people decide about money by them.',
    firstAction: 'Roll back the last deployment, then read in the log of the canary which numbers differ.',
    runbook: 'page-wrong-numbers',
    signs: ['canary-wrong-numbers'],
  },
};
