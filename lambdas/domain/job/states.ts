/**
 * The states of a job, and the only ways from one to another. Code, documentation and tests read this one table; every
 * transition is written on the condition that the job has not changed since it was read.
 */
export const JOB_STATES = [
  'AWAITING_UPLOAD',
  'PENDING',
  'PLANNING',
  'PROCESSING',
  'REPORTING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLING',
  'CANCELLED',
  'EXPIRED',
] as const;

export type JobState = (typeof JOB_STATES)[number];

interface StateRule {
  readonly meaning: string;
  readonly next: readonly JobState[];
}

export const JOB_STATE_RULES: Readonly<Record<JobState, StateRule>> = {
  AWAITING_UPLOAD: {
    meaning: 'announced; its file has not arrived',
    next: ['PENDING', 'FAILED', 'CANCELLING', 'EXPIRED'],
  },
  PENDING: {
    meaning: 'waits for a worker, or for its turn under the tenant’s limit',
    next: ['PLANNING', 'FAILED', 'CANCELLING'],
  },
  PLANNING: {
    meaning: 'the head of the file is read to decide where it is cut',
    next: ['PROCESSING', 'FAILED', 'CANCELLING'],
  },
  PROCESSING: {
    meaning: 'chunks are scanned, then shards of creatives analysed',
    next: ['REPORTING', 'FAILED', 'CANCELLING'],
  },
  REPORTING: {
    meaning: 'the result document and the CSV report are written',
    next: ['SUCCEEDED', 'FAILED', 'CANCELLING'],
  },
  SUCCEEDED: { meaning: 'the reports are there', next: [] },
  FAILED: { meaning: 'ended with an error; what was done is kept for a redrive', next: ['PENDING'] },
  CANCELLING: { meaning: 'asked to stop; workers stop at their next step', next: ['CANCELLED'] },
  CANCELLED: { meaning: 'stopped on request', next: [] },
  EXPIRED: { meaning: 'its file never came', next: [] },
};

const FINAL_STATES: readonly JobState[] = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED'];

/** Whether a job is over. A FAILED one is too, although a redrive can start it again. */
export function isFinal(state: JobState): boolean {
  return FINAL_STATES.includes(state);
}

export function canMove(from: JobState, to: JobState): boolean {
  return JOB_STATE_RULES[from].next.includes(to);
}

/** @throws RangeError for a transition that is not in the table: a programming error, never a caller's */
export function assertCanMove(from: JobState, to: JobState): void {
  if (!canMove(from, to)) throw new RangeError(`A job cannot go from ${from} to ${to}.`);
}
