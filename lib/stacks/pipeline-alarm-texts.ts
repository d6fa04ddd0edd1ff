import type { AlarmText } from '../constructs/operational-alarm.ts';

/** Of a worker that dies nothing is lost: its message comes again, and at last its job fails with an explanation. */
export const FUNCTION_ALARM_TEXTS = {
  planUpload: {
    errors: {
      impact: 'Workers that plan analyses die, so new jobs start late and fail after the fourth attempt.',
      firstAction:
        'Find the last lines before "Status: error" or "timeout" in the log of the planning function.',
      runbook: 'planning-errors',
      severity: 'ticket',
    },
    slow: {
      impact: 'Planning and small analyses come near their time limit, and will soon be cut off and fail.',
      firstAction: 'Find the jobs of the slowest invocations in the log and look how large their files are.',
      runbook: 'planning-slow',
      severity: 'ticket',
    },
  },
  scanAndAnalyse: {
    errors: {
      impact: 'Workers that scan or analyse die, so large jobs get slower and fail after the fourth attempt.',
      firstAction:
        'Look in the log of the worker function whether memory or time ran out, and at which task.',
      runbook: 'scanning-errors',
      severity: 'ticket',
    },
    slow: {
      impact: 'Chunks or shards take nearly as long as they may, so very large packed files will fail soon.',
      firstAction:
        'Find the slowest tasks in the log: packed files are one stream and should be sent unpacked.',
      runbook: 'scanning-slow',
      severity: 'ticket',
    },
  },
  writeReport: {
    errors: {
      impact: 'Analyses are done but their reports are late, and fail after the fourth attempt.',
      firstAction:
        'Look in the log of the reporting function whether memory or time ran out, and at which job.',
      runbook: 'reporting-errors',
      severity: 'ticket',
    },
    slow: {
      impact:
        'Writing reports comes near its time limit, so the jobs with the most creatives will fail soon.',
      firstAction: 'Find the slowest jobs in the log and look how many creatives they have.',
      runbook: 'reporting-slow',
      severity: 'ticket',
    },
  },
  sweep: {
    errors: {
      impact: 'Stranded jobs are not looked after: what lost its message stays as it is.',
      firstAction:
        'Read the error in the log of the sweeping function; DynamoDB or a permission is the usual cause.',
      runbook: 'sweeping-errors',
      severity: 'ticket',
    },
  },
} as const satisfies Record<string, { readonly errors: AlarmText; readonly slow?: AlarmText }>;

export const SWEEP_SILENT: AlarmText = {
  impact: 'The sweeper has not run for a quarter of an hour, so stranded jobs stay stranded.',
  firstAction: 'Look whether its EventBridge rule is enabled and its function may be invoked.',
  runbook: 'sweeping-silent',
  severity: 'page',
};
