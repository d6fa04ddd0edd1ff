import { z } from 'zod';
import { DEAD_LETTER_RETENTION_DAYS } from './work-queues.ts';

export const STAGE_NAMES = ['dev', 'phase1', 'phase2', 'phase3', 'phase4'] as const;

const days = z.int().min(1).max(3650);

// A message in a dead-letter queue only names its input, so the input has to live at least as long as the message
// can wait to be sent again.
const daysOutlivingDeadLetters = days.min(DEAD_LETTER_RETENTION_DAYS);

/** What a stage decides. Everything that is the same on every stage stands beside the resource instead. */
export const stageSchema = z.strictObject({
  name: z.enum(STAGE_NAMES),
  /**
   * Prefix of every stack name. The phases share one, because they are the same system growing: going from one to
   * the next updates the stacks in place.
   */
  deployment: z.string().regex(/^[a-z][a-z0-9-]{1,40}$/),
  /** Whether data survives a mistake: stores are retained on deletion, and their stacks refuse to be deleted. */
  keepsData: z.boolean(),
  /** k of the worker caps k·(10, 5, 1). Lambda's smallest cap is 2 and its largest 1,000, hence the bounds. */
  workerMultiplier: z.int().min(2).max(100),
  /** Days until objects expire, by prefix of the data bucket, and the days the bucket's access log is kept. */
  retentionDays: z.strictObject({
    uploads: daysOutlivingDeadLetters,
    payloads: daysOutlivingDeadLetters,
    partials: daysOutlivingDeadLetters,
    results: days,
    reports: days,
    accessLogs: days,
  }),
  /** Days that the functions' logs are kept; CloudWatch takes these and some more. */
  logRetentionDays: z.literal([7, 14, 30, 90, 180, 365]),
});

export type Stage = z.infer<typeof stageSchema>;
