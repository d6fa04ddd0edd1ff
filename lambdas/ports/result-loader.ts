import type { JobRun } from '../contracts/object-keys.ts';

export interface ResultLoader {
  /** Has the results of a run, which lie in objects, put where they can be searched. Doing it again changes nothing. */
  load(run: JobRun): Promise<void>;
}
