import type { JobRef } from '../contracts/job.ts';

export interface TimelineRemover {
  /** Removes all events of a job; those that are appended meanwhile may stay. */
  remove(job: JobRef): Promise<void>;
}
